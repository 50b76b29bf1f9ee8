import { Fault, isFault } from '../domain/fault.ts'
import { ContentMeter, contentOf } from '../domain/fingerprint.ts'
import type { Item, ItemBody, ItemMeta, Uid } from '../domain/mail.ts'
import { checkRunning, type FolderWork, folderFault, type Pass, recordOf, settle } from './folder-work.ts'
import { askPage, type LatePage, type Missing, type Page, PagesAhead } from './pages.ts'
import { corrupt, type Streamed, skip, unread } from './skip.ts'
import { learnThatSizesDiffer } from './traits.ts'
import type { ReadingTurn } from './turn.ts'

/** One run over the wanted items: what was sent, and at which the source failed, if it did. */
export interface Flight {
  readonly sent: Map<Uid, { readonly item: ItemMeta; readonly streamed: Streamed }>
  failedAt: Uid | null
}

/**
 * Reads the items page by page, the next ones asked for ahead. What the source lists and does not give is asked for once
 * more, each alone, when nothing else is under way. The turn ends when the last page is asked for.
 */
export async function* readItems(
  pass: Pass,
  work: FolderWork,
  items: Iterable<ItemMeta>,
  flight: Flight,
  turn: ReadingTurn,
): AsyncGenerator<Item> {
  const pages = new PagesAhead(pass, work, items, turn)
  try {
    for (let page = await pages.next(); page; page = await pages.next()) {
      await turn.first()
      checkRunning(pass)
      const late = yield* readPage(pass, page, flight)
      if (late) pages.put(late)
      if (pages.areRead) turn.pass()
      for (const { missing, pageItems, refusal } of pages.takeLate()) {
        yield* readMissing(pass, work, missing, pageItems, refusal, flight)
      }
    }
  } finally {
    pages.close()
  }
}

/**
 * One FETCH. Returns what of it did not come, and why. When all has come its end is not waited for: a server may put the
 * content of the next page before it (Dovecot 2.3.19 does), which is read after this one.
 */
async function* readPage(pass: Pass, page: Page, flight: Flight): AsyncGenerator<Item, LatePage | null> {
  const { missing, pageItems } = page
  try {
    for (let step = await page.next(); !step.done; step = await page.next()) {
      const item = step.value
      const listed = missing.get(item.uid)
      if (!listed) continue
      if (listed.sizeBytes !== item.sizeBytes) await learnThatSizesDiffer(pass)
      yield passing(item, flight)
      missing.delete(item.uid)
      if (missing.size === 0) break
    }
    page.end(true)
    return missing.size > 0 ? { missing, pageItems, refusal: null } : null
  } catch (error) {
    const refusal = await blame(page, flight, error)
    return { missing, pageItems, refusal }
  } finally {
    page.end(false)
  }
}

/** Notes at which message the source failed. Returns the fault of a source that would not give all of the page. */
async function blame(page: Page, flight: Flight, error: unknown): Promise<Fault> {
  const isRefusal = isFault(error) && error.scope === 'folder' && error.code === 'server.unavailable'
  page.end(isRefusal)
  // While one is being read its own end says more.
  if (isRefusal) flight.failedAt = null
  else if (await page.isFirstToFail) flight.failedAt ??= page.missing.keys().next().value ?? null
  else flight.failedAt = null
  const fault = folderFault(error)
  if (!isRefusal) throw fault
  return fault
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
    const alone = askPage(pass, work, [item])
    yield* readPage(pass, alone, flight)
    if (alone.missing.size > 0) withheld.push(item)
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

/** The item as it is passed on: measured on its way, at once where it is here already. */
function passing(item: Item, flight: Flight): Item {
  const { uid, sizeBytes, flags, receivedAt } = item
  const meta = { uid, sizeBytes, flags, receivedAt }
  const bytes = item.body.take?.() ?? null
  flight.sent.set(uid, { item: meta, streamed: bytes ? contentOf(bytes) : unread(meta) })
  return { ...meta, body: bytes ? wholeBody(bytes) : measured(item, flight) }
}

const wholeBody = (bytes: Uint8Array): ItemBody => ({
  take: () => bytes,
  async *[Symbol.asyncIterator]() {
    yield bytes
  },
})

async function* measured(item: Item, flight: Flight): AsyncGenerator<Uint8Array> {
  const meter = new ContentMeter()
  const measuredAs = (streamed: Streamed): void => {
    const sent = flight.sent.get(item.uid)
    if (sent) flight.sent.set(item.uid, { ...sent, streamed })
  }
  let left = item.sizeBytes
  try {
    for await (const chunk of item.body) {
      meter.update(chunk)
      left -= chunk.length
      // Before the last chunk goes out: the target may answer before anyone asks for more.
      if (left === 0) measuredAs(meter.finish())
      yield chunk
    }
  } catch (error) {
    // What is wrong with the message alone is told by its skip.
    if (!isFault(error) || error.scope !== 'item') flight.failedAt = item.uid
    throw error
  }
}
