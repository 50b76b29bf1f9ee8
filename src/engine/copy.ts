import { Fault, type FaultCode, isFault } from '../domain/fault.ts'
import { ContentMeter } from '../domain/fingerprint.ts'
import type { Item, ItemMeta, Uid } from '../domain/mail.ts'
import { planPages } from '../domain/plan.ts'
import type { ItemIssue, LedgerRecord } from '../domain/sync-state.ts'
import { checkRunning, type FolderWork, type Pass, recordOf, settle } from './folder-work.ts'
import { describeIssue } from './issues.ts'
import { recover } from './recover.ts'
import { learnThatSizesDiffer } from './traits.ts'

const batchItemsMax = 100
/** Settled together; what is not settled yet when we die costs one listing. */
const settleItemsMax = 250

/** What was streamed of an item: known when its last byte has passed. */
type Streamed = Pick<LedgerRecord, 'fingerprint' | 'sha256' | 'sizeBytes'>

interface Refusal {
  readonly item: ItemMeta
  readonly streamed: Streamed
  readonly fault: Fault
  readonly batchItems: number
}

/** One run over the wanted items: what was sent, and where the source failed, if it did. */
interface Flight {
  readonly sent: Map<Uid, { readonly item: ItemMeta; readonly streamed: Streamed }>
  failedAt: Uid | null
}

/**
 * Copies what is wanted. A batch that is refused is halved until the message that the target does not want stands
 * alone; only that one is skipped.
 */
export async function copyWanted(pass: Pass, work: FolderWork): Promise<void> {
  await skipPoison(pass, work)
  await skipTooLarge(pass, work)
  let items = [...work.wanted.values()].sort((a, b) => a.uid - b.uid)
  let itemsMax = batchItemsMax
  while (items.length > 0) {
    const refusals = await copyOnce(pass, work, items, itemsMax)
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

/** The message on which the source connection died twice, the second time alone, is corrupt there. */
async function skipPoison(pass: Pass, work: FolderWork): Promise<void> {
  const { suspect } = work.state
  const item = suspect && suspect.attempts >= 2 ? work.wanted.get(suspect.uid) : undefined
  if (!item) return
  const fault = new Fault('source.corrupt', `Cannot read the message ${item.uid}: the source fails at it every time`)
  await settle(pass, work, [recordOf(item, { outcome: 'skipped' })], [await describeIssue(null, work, item, fault)])
  await pass.store.suspect(pass.fence, work.state.id, null)
  work.wanted.delete(item.uid)
  pass.tally.skipped += 1
}

/** What the target says it will not take is not read at the source either. */
async function skipTooLarge(pass: Pass, work: FolderWork): Promise<void> {
  const { itemBytesMax } = pass.target.capabilities
  if (itemBytesMax === null) return
  const large = [...work.wanted.values()].filter((item) => item.sizeBytes > itemBytesMax)
  const fault = (item: ItemMeta): Fault =>
    new Fault('append.too-large', `The message has ${item.sizeBytes} bytes, the target takes ${itemBytesMax}`)
  await skip(
    pass,
    work,
    large.map((item) => ({ item, streamed: unread(item), fault: fault(item), batchItems: 1 })),
  )
}

const unread = ({ sizeBytes }: ItemMeta): Streamed => ({ fingerprint: null, sha256: null, sizeBytes })

async function copyOnce(
  pass: Pass,
  work: FolderWork,
  items: readonly ItemMeta[],
  itemsMax: number,
): Promise<readonly Refusal[]> {
  const flight: Flight = { sent: new Map(), failedAt: null }
  const refusals: Refusal[] = []
  const records: LedgerRecord[] = []
  const flush = async (): Promise<void> => {
    const page = records.splice(0)
    await settle(pass, work, page)
    for (const record of page) work.wanted.delete(record.sourceUid)
  }
  const options = { mark: work.mark, batchItemsMax: itemsMax, mayCommit: pass.mayCommit }
  try {
    for await (const result of pass.target.append(work.target, readPages(pass, work, items, flight), options)) {
      const sent = flight.sent.get(result.sourceUid)
      if (!sent) throw new Error(`The target answered for message ${result.sourceUid} which was not sent`)
      flight.sent.delete(result.sourceUid)
      if (result.outcome === 'refused') refusals.push({ ...result, ...sent })
      else records.push(copiedRecord(pass, sent.item, sent.streamed, result.uid))
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

/** Reads the items page by page; what a page does not bring has left the source since it was listed. */
async function* readPages(
  pass: Pass,
  work: FolderWork,
  items: readonly ItemMeta[],
  flight: Flight,
): AsyncGenerator<Item> {
  for (const page of planPages(items, work.state.suspect?.uid ?? null)) {
    checkRunning(pass)
    const missing = new Map(page.map((item) => [item.uid, item]))
    try {
      for await (const item of pass.source.fetch(work.source, [...missing.keys()])) {
        const listed = missing.get(item.uid)
        if (!listed) continue
        if (listed.sizeBytes !== item.sizeBytes) await learnThatSizesDiffer(pass)
        flight.sent.set(item.uid, { item, streamed: unread(item) })
        yield { ...item, body: measured(item, flight) }
        missing.delete(item.uid)
      }
    } catch (error) {
      flight.failedAt ??= missing.keys().next().value ?? null
      throw error
    }
    const gone = [...missing.values()].map((item) => recordOf(item, { outcome: 'gone' }))
    await settle(pass, work, gone)
    for (const record of gone) work.wanted.delete(record.sourceUid)
  }
}

async function* measured(item: Item, flight: Flight): AsyncGenerator<Uint8Array> {
  const meter = new ContentMeter()
  let left = item.sizeBytes
  try {
    for await (const chunk of item.body) {
      meter.update(chunk)
      left -= chunk.length
      // Before the last chunk goes out: the target may answer before anyone asks for more.
      if (left === 0) flight.sent.set(item.uid, { item, streamed: meter.finish() })
      yield chunk
    }
  } catch (error) {
    flight.failedAt = item.uid
    throw error
  }
}

/** The message in flight when the source failed is remembered: it travels alone the next time. */
async function suspectMessage(pass: Pass, work: FolderWork, { failedAt }: Flight, error: unknown): Promise<void> {
  if (failedAt === null || !isFault(error) || !suspectCodes.has(error.code) || !pass.mayCommit()) return
  const before = work.state.suspect
  const attempts = before?.uid === failedAt ? before.attempts + 1 : 1
  await pass.store.suspect(pass.fence, work.state.id, { uid: failedAt, attempts })
}

const suspectCodes: ReadonlySet<FaultCode> = new Set(['connect.dropped', 'connect.timeout', 'server.protocol'])

async function skip(pass: Pass, work: FolderWork, refusals: readonly Refusal[]): Promise<void> {
  const issues: ItemIssue[] = []
  for (const { item, fault } of refusals) issues.push(await describeIssue(pass, work, item, fault))
  const records = refusals.map(({ item, streamed }) => recordOf(item, { ...streamed, outcome: 'skipped' }))
  await settle(pass, work, records, issues)
  for (const record of records) work.wanted.delete(record.sourceUid)
  pass.tally.skipped += refusals.length
}
