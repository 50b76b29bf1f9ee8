import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { doveadmAbsence } from './doveadm-local.ts'
import { type Peer, password } from './peer.ts'

const isRoot = process.getuid?.() === 0

/**
 * Two of it joined by a pipe, as its manual has it. `backup` would delete the target's inbox, which no server allows,
 * and a first run may stop at a folder that it cannot create, so that it is run again as its users do.
 */
export const doveadmImap: Peer = {
  about: 'doveadm sync -1, both sides by IMAP (imapc)',
  absence: doveadmAbsence,
  triesMax: 3,
  prepare: async ({ stage, sourceUser, targetUser, folder }) => {
    const source = await writeSide(join(folder, 'source'), stage.sourcePort, sourceUser)
    const target = await writeSide(join(folder, 'target'), stage.targetPort, targetUser)
    // It refuses to run as root.
    const as = isRoot ? ['setpriv', '--reuid', 'mail', '--regid', 'mail', '--clear-groups'] : []
    if (isRoot) execFileSync('chown', ['-R', 'mail:mail', folder])
    // What the one hands on by its environment would give the other the wrong settings.
    const alone = ['env', '-i', `PATH=${process.env.PATH}`, `USER=${targetUser}`, `HOME=${target}`]
    const far = [...alone, 'doveadm', '-c', join(target, 'conf'), 'dsync-server']
    const env = { USER: sourceUser, HOME: source }
    return { cmd: [...as, 'doveadm', '-c', join(source, 'conf'), 'sync', '-1', ...far], env }
  },
}

/** Settings of one side; returns its folder. */
async function writeSide(folder: string, port: number, user: string): Promise<string> {
  await mkdir(join(folder, 'run'), { recursive: true })
  const owner = isRoot ? 'mail' : userInfo().username
  await writeFile(
    join(folder, 'conf'),
    `base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/log
ssl = no
mail_home = ${folder}
mail_location = imapc:${folder}/index
mail_uid = ${owner}
mail_gid = ${isRoot ? 'mail' : execFileSync('id', ['-gn']).toString().trim()}
first_valid_uid = 1
first_valid_gid = 1
imapc_host = 127.0.0.1
imapc_port = ${port}
imapc_user = ${user}
imapc_password = ${password}
imapc_features = rfc822.size fetch-headers fetch-bodystructure no-examine
mail_prefetch_count = 20
mail_fsync = never
namespace inbox {
  inbox = yes
  separator = /
}
`,
  )
  return folder
}
