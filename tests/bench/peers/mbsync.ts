import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../../support/need.ts'
import { type Peer, password } from './peer.ts'

/** https://isync.sourceforge.io; compression would cost it most of its time on a fast line. */
export const mbsync: Peer = {
  about: 'isync, compression off, its own pipelining',
  absence: () => (findProgram('mbsync') === null ? 'mbsync is not installed (Debian: isync)' : null),
  prepare: async ({ stage, sourceUser, targetUser, folder }) => {
    const state = join(folder, 'sync')
    await mkdir(state, { recursive: true })
    const settings = join(folder, 'mbsyncrc')
    await writeFile(
      settings,
      [
        account('source', stage.sourcePort, sourceUser),
        account('target', stage.targetPort, targetUser),
        `Channel all\nFar :source:\nNear :target:\nPatterns *\nCreate Near\nSync Pull\nCopyArrivalDate yes\nSyncState ${state}/\n`,
      ].join('\n'),
    )
    return { cmd: ['mbsync', '--quiet', '--config', settings, 'all'] }
  },
  partOf: withoutTuid,
}

function account(name: string, port: number, user: string): string {
  const settings = [
    ...['Host 127.0.0.1', `Port ${port}`, `User ${user}`, `Pass ${password}`],
    ...['SSLType None', 'AuthMechs LOGIN', 'DisableExtension COMPRESS=DEFLATE', 'Timeout 120'],
  ]
  return `IMAPAccount ${name}\n${settings.join('\n')}\n\nIMAPStore ${name}\nAccount ${name}\n`
}

/** It marks each message that it copies by a line of its own in the header. */
function withoutTuid(body: Buffer): Buffer {
  const at = body.indexOf('X-TUID: ')
  if (at < 0) return body
  const end = body.indexOf('\n', at) + 1
  return Buffer.concat([body.subarray(0, at), body.subarray(end)])
}
