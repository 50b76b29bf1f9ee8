import type { AppendResult } from '../connectors/connector.ts'
import { type Fault, type FaultCode, isFault } from '../domain/fault.ts'
import { hasCopy } from '../domain/folder-ledger.ts'
import type { ItemList } from '../domain/item-list.ts'
import type { ItemMeta, Uid } from '../domain/mail.ts'
import type { LedgerRecord } from '../domain/sync-state.ts'
import { type FolderWork, type Pass, recordOf, settle } from './folder-work.ts'
import { type Flight, readItems } from './read-items.ts'
import { locate, recover } from './recover.ts'
import { type Skipped, type Streamed, skip, skipPoison, skipTooLarge } from './skip.ts'
import { learnWhetherTargetRewrites } from './traits.ts'
import type { ReadingTurn } from './turn.ts'

const batchItemsMax = 100
/** Settled together; what is not settled yet when we die costs one listing. */
const settleItemsMax = 500

interface Refusal extends Skipped {
  readonly batchItems: number
}

/** Copies what is wanted and can be read. */
export async function copyWanted(pass: Pass, work: FolderWork, turn: ReadingTurn): Promise<void> {
  await skipPoison(pass, work)
  await skipTooLarge(pass, work)
  while (pass.learnt.rewrites === null && work.wanted.size > 0) await copyOneAhead(pass, work)
  await copyItems(pass, work, work.wanted.list(), turn)
}

/** One message alone keeps its folder's place in the row. */
const noTurn: ReadingTurn = { leave() {}, first: () => Promise.resolve(), pass() {} }

/**
 * Until it is known whether the target rewrites mail, one message goes ahead and is looked at there: after a crash, and
 * where the target tells no UIDs, copies are found again by what this decides.
 */
async function copyOneAhead(pass: Pass, work: FolderWork): Promise<void> {
  const first = work.wanted.first()
  if (!first) return
  await copyItems(pass, work, [first], noTurn)
  const record = work.ledger.get(first.uid)
  if (!record || !hasCopy(record)) return
  await locate(pass, work)
  await learnWhetherTargetRewrites(pass, work, first.uid)
}

/** A batch that is refused is halved until the message that the target does not want stands alone; only that is skipped. */
async function copyItems(
  pass: Pass,
  work: FolderWork,
  wanted: ItemList | readonly ItemMeta[],
  turn: ReadingTurn,
): Promise<void> {
  let items = wanted
  let itemsMax = batchItemsMax
  while (items.length > 0) {
    const refusals = await copyOnce(pass, work, items, itemsMax, turn)
    const [own, shared] = split(refusals)
    await skip(pass, work, own)
    if (refusals.length > 0) await recover(pass, { ...work, wasDirty: true })
    items = shared.map((refusal) => refusal.item).filter((item) => work.wanted.has(item.uid))
    itemsMax = Math.max(1, Math.ceil(Math.max(...shared.map((refusal) => refusal.batchItems), 1) / 2))
  }
}

const split = (refusals: readonly Refusal[]): readonly [readonly Refusal[], readonly Refusal[]] => [
  refusals.filter((refusal) => refusal.batchItems === 1),
  refusals.filter((refusal) => refusal.batchItems > 1),
]

async function copyOnce(
  pass: Pass,
  work: FolderWork,
  items: Iterable<ItemMeta>,
  itemsMax: number,
  turn: ReadingTurn,
): Promise<readonly Refusal[]> {
  const flight: Flight = { sent: new Map(), failedAt: null }
  const refusals: Refusal[] = []
  const records: LedgerRecord[] = []
  const flush = async (): Promise<void> => {
    const page = records.splice(0)
    await settle(pass, work, page)
    for (const record of page) work.wanted.delete(record.sourceUid)
  }
  const take = (result: AppendResult): void => {
    const sent = flight.sent.get(result.sourceUid)
    if (!sent) throw new Error(`The target answered for message ${result.sourceUid} which was not sent`)
    flight.sent.delete(result.sourceUid)
    if (result.outcome === 'refused') refusals.push({ ...result, ...sent })
    else records.push(copiedRecord(pass, sent.item, sent.streamed, result.uid))
  }
  const options = { mark: work.mark, batchItemsMax: itemsMax, mayCommit: pass.mayCommit }
  try {
    for await (const results of pass.target.append(work.target, readItems(pass, work, items, flight, turn), options)) {
      for (const result of results) take(result)
      if (records.length >= settleItemsMax) await flush()
    }
  } catch (error) {
    await suspectMessage(pass, work, flight, error)
    throw error
  } finally {
    // What the target has answered for is written down even when the rest of the folder is lost.
    if (pass.mayCommit()) await flush()
  }
  return refusals
}

function copiedRecord(pass: Pass, item: ItemMeta, streamed: Streamed, targetUid: Uid | null): LedgerRecord {
  pass.tally.copied += 1
  pass.tally.bytesCopied += streamed.sizeBytes
  return recordOf(item, { ...streamed, outcome: 'copied', targetUid })
}

/** The message in flight when the source failed is remembered: it travels alone the next time. */
async function suspectMessage(pass: Pass, work: FolderWork, { failedAt }: Flight, error: unknown): Promise<void> {
  if (failedAt === null || !isFault(error) || !pointsAtMessage(error) || !pass.mayCommit()) return
  const before = work.state.suspect
  const attempts = before?.uid === failedAt ? before.attempts + 1 : 1
  await pass.store.suspect(pass.fence, work.state.id, { uid: failedAt, attempts })
}

/** A server that goes down as a whole says nothing about the message. */
const pointsAtMessage = ({ code, scope }: Fault): boolean =>
  suspectCodes.has(code) || (code === 'server.unavailable' && scope === 'folder')

const suspectCodes: ReadonlySet<FaultCode> = new Set(['connect.dropped', 'connect.timeout', 'server.protocol'])
