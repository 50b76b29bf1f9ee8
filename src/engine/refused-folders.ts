import type { Fault } from '../domain/fault.ts'
import type { MappedFolder } from '../domain/folder-map.ts'
import type { Folder } from '../domain/mail.ts'
import { noCounts, wholeFolder } from '../domain/sync-state.ts'
import { identityOf, type OpenFolder, type Pass } from './folder-work.ts'

/** A folder that the target will not have, and why. */
export interface RefusedFolder {
  readonly mapped: MappedFolder
  readonly fault: Fault
}

/** A folder that its server will not open, now or later, is named among the issues; what is known of it stays known. */
export async function nameUnreadable(pass: Pass, { source, state }: OpenFolder, fault: Fault): Promise<void> {
  if (fault.retry === 'never') await nameFolder(pass, state.id, source, fault)
}

/**
 * What trying again cannot heal is written down as skipped, with one issue for the whole folder, so that the pass is
 * settled and its report names it. Every pass asks the target for the folder again.
 */
export async function settleRefused(pass: Pass, refused: readonly RefusedFolder[]): Promise<void> {
  const final = refused.filter(({ fault }) => fault.retry === 'never')
  if (final.length === 0) return
  const dirtySince = { uidValidity: 0, uidNext: 1 }
  const states = await pass.store.intend(
    pass.fence,
    pass.pair,
    final.map(({ mapped: { source, state, targetPath } }) => ({
      id: state?.id ?? null,
      source: identityOf(source),
      target: nowhere(targetPath),
      dirtySince,
    })),
  )
  for (const [at, { mapped, fault }] of final.entries()) await settleOne(pass, states[at]?.id, mapped, fault)
}

const nowhere = (path: readonly string[]) => ({ name: '', path, uidValidity: 0, uidNext: 1, id: null })

async function settleOne(pass: Pass, folderId: number | undefined, mapped: MappedFolder, fault: Fault): Promise<void> {
  if (folderId === undefined) throw new Error(`The store gave no state for the folder ${mapped.source.name}`)
  const { source, targetPath } = mapped
  const messages = source.status?.messages ?? 0
  const identity = identityOf(source)
  await pass.store.advance(pass.fence, folderId, {
    cursor: { uidValidity: identity.uidValidity, uidDone: 0, modseq: null },
    source: identity,
    target: nowhere(targetPath),
    targetSeen: { messages: 0, uidNext: 1, uidValidity: 0, highestModseq: null },
    counts: { ...noCounts, source: messages, skipped: messages },
    sizeBytes: 0,
  })
  await nameFolder(pass, folderId, source, fault)
}

async function nameFolder(pass: Pass, folderId: number, { path, status }: Folder, fault: Fault): Promise<void> {
  const issue = {
    folderPath: path,
    sourceUid: wholeFolder,
    code: fault.code,
    detail: `${fault.message} (${status?.messages ?? 0} messages)`,
    subject: '',
    sender: '',
    sentAt: '',
    messageId: '',
    sizeBytes: 0,
    messages: status?.messages ?? 0,
  }
  await pass.store.settle(pass.fence, [{ folderId, records: [], issues: [issue] }])
  const beyond = pass.limits.take(issue, fault)
  if (beyond) throw beyond
}
