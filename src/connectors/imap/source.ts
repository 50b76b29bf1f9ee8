import type { Access } from '../../domain/endpoint.ts'
import type { MailSource } from '../connector.ts'
import { listChanges } from './changes.ts'
import { Folders } from './folders.ts'
import { mailReader } from './mail-reader.ts'
import type { ImapOptions } from './options.ts'
import { Session } from './session.ts'

/** Opens a mailbox to read from. EXAMINE and BODY.PEEK only: nothing changes there, not even what was seen. */
export async function openSource(access: Access, options: ImapOptions, signal: AbortSignal): Promise<MailSource> {
  const session = await Session.open(access, 'source', options, signal)
  session.enable('QRESYNC', 'CONDSTORE')
  return {
    ...mailReader(session, new Folders(session)),
    changes: (folder, cursor) => listChanges(session, folder, cursor),
  }
}
