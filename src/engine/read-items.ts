import { Fault, isFault } from '../domain/fault.ts'
import { ContentMeter } from '../domain/fingerprint.ts'
import type { Item, ItemMeta, Uid } from '../domain/mail.ts'
import { planPages } from '../domain/plan.ts'
import { checkRunning, type FolderWork, folderFault, type Pass, recordOf, settle } from './folder-work.ts'
import { corrupt, type Streamed, skip, unread } from './skip.ts'
import { learnThatSizesDiffer } from './traits.ts'

/** One run over the wanted items: what was sent, and at which the source failed, if it did. */
export interface Flight {
  readonly sent: Map<Uid, { readonly item: ItemMeta; readonly streamed: Streamed }>
  failedAt: Uid | null
}

/** Reads the items page by page. What the source lists and does not give is asked for once more, each alone. */
export async function* readItems(
  pass: Pass,
  work: FolderWork,
  items: readonly ItemMeta[],
  flight: Flight,
): AsyncGenerator<Item> {
  for (const page of planPages(items, work.state.suspect?.uid ?? null)) {
    checkRunning(pass)
    const missing = new Map(page.map((item) => [item.uid, item]))
    const refusal = yield* readPage(pass, work, missing, flight)
    if (missing.size > 0) yield* readMissing(pass, work, missing, page.length, refusal, flight)
  }
}

type Missing = Map<Uid, ItemMeta>

/** One FETCH; what comes is taken out of `missing`. Returns the fault of a source that would not give all of it. */
async function* readPage(
  pass: Pass,
  work: FolderWork,
  missing: Missing,
  flight: Flight,
): AsyncGenerator<Item, Fault | null> {
  try {
    for await (const item of pass.source.fetch(work.source, [...missing.keys()])) {
      const listed = missing.get(item.uid)
      if (!listed) continue
      if (listed.sizeBytes !== item.sizeBytes) await learnThatSizesDiffer(pass)
      flight.sent.set(item.uid, { item, streamed: unread(item) })
      yield { ...item, body: measured(item, flight) }
      missing.delete(item.uid)
    }
    return null
  } catch (error) {
    flight.failedAt ??= missing.keys().next().value ?? null
    const fault = folderFault(error)
    // While one is being read its own end says more.
    if (fault.code !== 'server.unavailable') throw fault
    flight.failedAt = null
    return fault
  }
}

/**
 * What is not there any more has left since it was listed. What is there and does not come alone either is skipped by
 * name, unless nothing at all came: then the server is in trouble, and not the message.
 */
async function* readMissing(
  pass: Pass,
  work: FolderWork,
  missing: Missing,
  pageItems: number,
  refusal: Fault | null,
  flight: Flight,
): AsyncGenerator<Item> {
  const here = new Set(await pass.source.uids(work.source))
  const [left, withheld] = [[...missing.values()].filter(({ uid }) => !here.has(uid)), [] as ItemMeta[]]
  for (const item of missing.values()) {
    if (!here.has(item.uid)) continue
    checkRunning(pass)
    const alone: Missing = new Map([[item.uid, item]])
    yield* readPage(pass, work, alone, flight)
    if (alone.size > 0) withheld.push(item)
  }
  await settleGone(pass, work, left)
  const [first] = withheld
  if (first && withheld.length + left.length === pageItems) {
    flight.failedAt = first.uid
    throw (
      refusal ??
      new Fault('server.unavailable', `The source lists ${withheld.length} messages and gives none`, {
        side: 'source',
        scope: 'folder',
      })
    )
  }
  const fault = (uid: Uid) => corrupt(uid, refusal?.message ?? 'the source lists it and does not give it')
  await skip(
    pass,
    work,
    withheld.map((item) => ({ item, streamed: unread(item), fault: fault(item.uid) })),
  )
}

async function settleGone(pass: Pass, work: FolderWork, left: readonly ItemMeta[]): Promise<void> {
  await settle(
    pass,
    work,
    left.map((item) => recordOf(item, { outcome: 'gone' })),
  )
  for (const { uid } of left) work.wanted.delete(uid)
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
    // What is wrong with the message alone is told by its skip.
    if (!isFault(error) || error.scope !== 'item') flight.failedAt = item.uid
    throw error
  }
}
