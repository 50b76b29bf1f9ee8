import type { Fault } from '../domain/fault.ts'
import type { MappedFolder } from '../domain/folder-map.ts'
import { noCounts } from '../domain/sync-state.ts'
import { identityOf, type Pass } from './folder-work.ts'

/** A folder that the target will not have, and why. */
export interface RefusedFolder {
  readonly mapped: MappedFolder
  readonly fault: Fault
}

/** Stands for all mail of a folder among its issues: UIDs begin at 1. */
const wholeFolder = 0

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
  const issue = {
    folderPath: source.path,
    sourceUid: wholeFolder,
    code: fault.code,
    detail: `${fault.message} (${messages} messages)`,
    subject: '',
    sender: '',
    sentAt: '',
    messageId: '',
    sizeBytes: 0,
  }
  await pass.store.settle(pass.fence, [{ folderId, records: [], issues: [issue] }])
  const identity = identityOf(source)
  await pass.store.advance(pass.fence, folderId, {
    cursor: { uidValidity: identity.uidValidity, uidDone: 0, modseq: null },
    source: identity,
    target: nowhere(targetPath),
    targetSeen: { messages: 0, uidNext: 1, uidValidity: 0, highestModseq: null },
    counts: { ...noCounts, source: messages, skipped: messages },
    sizeBytes: 0,
  })
}
