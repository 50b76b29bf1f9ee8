import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { postferry } from '../../support/proc.ts'
import type { Command } from '../measure.ts'
import type { Stage } from '../stage.ts'
import { type Peer, password } from './peer.ts'

export const ours: Peer = {
  about: 'postferry migrate, everything as it is by default',
  absence: () => null,
  prepare: ({ stage, sourceUser, targetUser, folder }) => migrate(stage, [{ sourceUser, targetUser }], folder),
}

interface Crossing {
  readonly sourceUser: string
  readonly targetUser: string
}

/** The command that copies these mailboxes and remembers in the folder what it copied. */
export async function migrate(stage: Stage, users: readonly Crossing[], folder: string): Promise<Command> {
  const csv = join(folder, 'users.csv')
  await writeFile(csv, csvOf(users))
  const servers = [
    ...['--source', `imap://127.0.0.1:${stage.sourcePort}`],
    ...['--target', `imap://127.0.0.1:${stage.targetPort}`],
  ]
  return { cmd: postferry('migrate', ...servers, '--csv', csv, '--data', join(folder, 'data')) }
}

export function csvOf(users: readonly Crossing[]): string {
  const row = ({ sourceUser, targetUser }: Crossing) =>
    [`${targetUser}@example.org`, sourceUser, password, targetUser, password].join(',')
  return ['EmailAddress,UserName,Password,TargetUserName,TargetPassword', ...users.map(row), ''].join('\n')
}
