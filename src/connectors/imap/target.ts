import type { Access } from '../../domain/endpoint.ts'
import { headStart } from '../../domain/head-start.ts'
import type { Folder } from '../../domain/mail.ts'
import type { AppendItem, AppendOptions, AppendResult, MailTarget } from '../connector.ts'
import { AppendTraffic } from './append-batch.ts'
import type { FolderTerms } from './append-flight.ts'
import { askAppendLimit } from './append-limit.ts'
import { AppendRun } from './append-run.ts'
import { AppendUids } from './append-uids.ts'
import { askFlagRules, changeFlags, moveMessages } from './changing.ts'
import { writableFlags } from './codec/flags.ts'
import { Folders } from './folders.ts'
import { mailReader } from './mail-reader.ts'
import { ensureFolders, renameFolder } from './making-folders.ts'
import type { ImapOptions } from './options.ts'
import { askQuota } from './quota.ts'
import { Session } from './session.ts'

/** Opens a mailbox to write to. Nothing is ever removed there: no CLOSE and no EXPUNGE is sent. */
export async function openTarget(access: Access, options: ImapOptions, signal: AbortSignal): Promise<MailTarget> {
  const session = await Session.open(access, 'target', options, signal)
  const folders = new Folders(session)
  const traffic = new AppendTraffic(session.has('MULTIAPPEND'))
  const context: Context = { session, uids: new AppendUids(), traffic, terms: new Map() }
  const reader = mailReader(session, folders)
  return {
    ...reader,
    rest() {
      context.uids.forgetFolders()
      context.terms.clear()
      return reader.rest() && context.traffic.isIdle
    },
    capabilities: {
      canMove: session.has('MOVE'),
      itemBytesMax: session.appendBytesMax,
      tellsUids: session.has('UIDPLUS'),
      waitsForEachItem: !session.has('LITERAL+'),
    },
    nameRules: async () => ({ delimiter: (await folders.layout()).delimiter, ignoresCase: false }),
    quota: () => askQuota(session),
    ensureFolders: (wanted) => ensureFolders(session, folders, wanted),
    renameFolder: (folder, path) => renameFolder(session, folders, folder, path),
    append: (folder, items, options) => append(context, folder, items, options),
    changeFlags: (folder, changes) => changeFlags(session, folder, changes),
    async keptFlags(folder, flags) {
      const { flags: rules } = await termsOf(context, folder)
      return flags.filter((flag) => writableFlags([flag], rules).length > 0)
    },
    move: (folder, uids, to) => moveMessages(session, folder, uids, to),
  }
}

interface Context {
  readonly session: Session
  readonly uids: AppendUids
  readonly traffic: AppendTraffic
  /** What each folder takes is asked once a pass. */
  readonly terms: Map<string, Promise<FolderTerms>>
}

function termsOf({ session, terms }: Context, folder: Folder): Promise<FolderTerms> {
  const known = terms.get(folder.name) ?? askTerms(session, folder)
  terms.set(folder.name, known)
  known.catch(() => terms.delete(folder.name))
  return known
}

async function askTerms(session: Session, folder: Folder): Promise<FolderTerms> {
  const [flags, bytesMax] = await Promise.all([askFlagRules(session, folder), askAppendLimit(session, folder)])
  return { flags, bytesMax }
}

async function* append(
  context: Context,
  folder: Folder,
  items: AsyncIterable<AppendItem>,
  options: AppendOptions,
): AsyncGenerator<readonly AppendResult[]> {
  const { session, uids, traffic } = context
  // The source is asked while the target tells which flags it keeps.
  const begun = headStart(items)
  const terms = await termsOf(context, folder).catch(async (error: unknown) => {
    await begun.return()
    throw error
  })
  yield* new AppendRun({ session, folder, options, uids, traffic, terms }).results({
    [Symbol.asyncIterator]: () => begun,
  })
}
