import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../../support/need.ts'
import type { Stage } from '../stage.ts'
import { type Peer, password } from './peer.ts'

/** https://www.offlineimap.org */
export const offlineimap: Peer = {
  about: 'four connections a side',
  absence: () => (findProgram('offlineimap') === null ? 'offlineimap is not installed (Debian: offlineimap3)' : null),
  prepare: async ({ stage, sourceUser, targetUser, folder }) => {
    const settings = join(folder, 'offlineimaprc')
    await writeFile(
      settings,
      `[general]
accounts = one
metadata = ${join(folder, 'metadata')}
[Account one]
localrepository = target
remoterepository = source
${repository('target', stage.targetPort, targetUser)}
${repository('source', stage.sourcePort, sourceUser)}
readonly = True
`,
    )
    return { cmd: ['offlineimap', '-c', settings, '-o', '-u', 'quiet'] }
  },
}

const repository = (name: keyof Pick<Stage, 'source' | 'target'>, port: number, user: string) => `[Repository ${name}]
type = IMAP
remotehost = 127.0.0.1
remoteport = ${port}
remoteuser = ${user}
remotepass = ${password}
ssl = no
starttls = no
auth_mechanisms = LOGIN
maxconnections = 4`
