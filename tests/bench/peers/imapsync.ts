import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Peer, password } from './peer.ts'

const script = process.env.IMAPSYNC ?? ''

/** https://imapsync.lamiral.info; not a package of Debian, so that the environment names it. */
export const imapsync: Peer = {
  about: 'without counting folders first or last and without a log',
  absence: () => {
    if (script === '') return 'IMAPSYNC names no imapsync'
    if (!existsSync(script)) return `${script} does not exist`
    const { exitCode } = Bun.spawnSync(['perl', script, '--version'])
    return exitCode === 0 ? null : 'imapsync does not start: its Perl modules are missing'
  },
  prepare: async ({ stage, sourceUser, targetUser, folder }) => ({
    cmd: [
      ...['perl', script, ...side(1, stage.sourcePort, sourceUser), ...side(2, stage.targetPort, targetUser)],
      ...['--noreleasecheck', '--nofoldersizes', '--nofoldersizesatend', '--nolog'],
      ...['--tmpdir', folder, '--pidfile', join(folder, 'pid')],
    ],
  }),
}

const side = (number: 1 | 2, port: number, user: string): readonly string[] => [
  ...[`--host${number}`, '127.0.0.1', `--port${number}`, `${port}`, `--user${number}`, user],
  ...[`--password${number}`, password, `--nossl${number}`, `--notls${number}`],
]
