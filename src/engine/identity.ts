import { createHash } from 'node:crypto'
import type { MailReader } from '../connectors/connector.ts'
import { areSizesAlike, ContentMeter, headerOf, keyOf, strictFingerprint, weakIdentity } from '../domain/fingerprint.ts'
import type { Folder, ItemMeta, Uid } from '../domain/mail.ts'
import { both } from './both.ts'

const headersAtOnceMax = 2000

/** A source item and the item at the target that is the same mail. */
export interface Twin {
  readonly source: ItemMeta
  readonly target: ItemMeta
  /** Of the source item, strict. */
  readonly fingerprint: Uint8Array
}

/** Items of one folder on one side, and the session that can read them. */
export interface Shelf {
  readonly reader: MailReader
  readonly folder: Folder
  readonly items: readonly ItemMeta[]
}

interface Identified {
  readonly item: ItemMeta
  readonly fingerprint: Uint8Array
  readonly weak: string | null
}

/**
 * Finds for source items the same mail at the target. Every item is used once, so twins keep their count.
 * Strict: the same header and the same length; headers are read only where lengths collide.
 * Weak, for targets that rewrite mail: the same Message-ID, Date, From and Subject and about the same length.
 */
export async function findTwins(source: Shelf, target: Shelf, isWeak: boolean): Promise<readonly Twin[]> {
  if (source.items.length === 0 || target.items.length === 0) return []
  const [ours, theirs] = isWeak ? [source, target] : narrowed(source, target)
  if (ours.items.length === 0 || theirs.items.length === 0) return []
  const [left, right] = await both(identify(ours, isWeak), identify(theirs, isWeak))
  return isWeak ? await pairWeak(ours, left, theirs, right) : pairStrict(left, right)
}

function narrowed(source: Shelf, target: Shelf): readonly [Shelf, Shelf] {
  const sizes = (shelf: Shelf) => new Set(shelf.items.map((item) => item.sizeBytes))
  const keep = (shelf: Shelf, of: ReadonlySet<number>): Shelf => ({
    ...shelf,
    items: shelf.items.filter((item) => of.has(item.sizeBytes)),
  })
  return [keep(source, sizes(target)), keep(target, sizes(source))]
}

/** Reads the headers of all items; items that are gone by then are left out. */
async function identify(shelf: Shelf, isWeak: boolean): Promise<readonly Identified[]> {
  const byUid = new Map(shelf.items.map((item) => [item.uid, item]))
  const uids = [...byUid.keys()].sort((a, b) => a - b)
  const found: Identified[] = []
  for (let at = 0; at < uids.length; at += headersAtOnceMax) {
    for await (const read of shelf.reader.headers(shelf.folder, uids.slice(at, at + headersAtOnceMax))) {
      const item = byUid.get(read.uid)
      if (!item) continue
      const fingerprint = strictFingerprint(read.header, item.sizeBytes)
      found.push({ item, fingerprint, weak: isWeak ? weakIdentity(read.header) : null })
    }
  }
  return found.sort((a, b) => a.item.uid - b.item.uid)
}

/** Strict fingerprints of the items, by UID. */
export async function fingerprints(shelf: Shelf): Promise<ReadonlyMap<Uid, Uint8Array>> {
  return new Map((await identify(shelf, false)).map(({ item, fingerprint }) => [item.uid, fingerprint]))
}

function pairStrict(left: readonly Identified[], right: readonly Identified[]): readonly Twin[] {
  const heap = new Map<string, Identified[]>()
  for (const found of right) push(heap, keyOf(found.fingerprint), found)
  const twins: Twin[] = []
  for (const ours of byDateAgreement(left, heap)) {
    const group = heap.get(keyOf(ours.fingerprint)) ?? []
    const at = Math.max(
      0,
      group.findIndex((theirs) => theirs.item.receivedAt === ours.item.receivedAt),
    )
    const [theirs] = group.splice(at, 1)
    if (theirs) twins.push({ source: ours.item, target: theirs.item, fingerprint: ours.fingerprint })
  }
  return twins
}

/** Items whose date agrees with a candidate choose first: the date only breaks ties between twins. */
function byDateAgreement(left: readonly Identified[], heap: ReadonlyMap<string, Identified[]>): readonly Identified[] {
  const agrees = (ours: Identified): boolean =>
    (heap.get(keyOf(ours.fingerprint)) ?? []).some((theirs) => theirs.item.receivedAt === ours.item.receivedAt)
  return [...left.filter(agrees), ...left.filter((ours) => !agrees(ours))]
}

async function pairWeak(
  source: Shelf,
  left: readonly Identified[],
  target: Shelf,
  right: readonly Identified[],
): Promise<readonly Twin[]> {
  const ours = new Map<string, Identified[]>()
  const theirs = new Map<string, Identified[]>()
  for (const found of left) if (found.weak) push(ours, found.weak, found)
  for (const found of right) if (found.weak) push(theirs, found.weak, found)
  const twins: Twin[] = []
  for (const [key, group] of ours) {
    const rivals = theirs.get(key) ?? []
    const isPlain = group.length === 1 && rivals.length === 1
    twins.push(...(isPlain ? pairAlike(group, rivals) : await pairByBody(source, group, target, rivals)))
  }
  return twins
}

function pairAlike(group: readonly Identified[], rivals: readonly Identified[]): readonly Twin[] {
  const [ours] = group
  const [theirs] = rivals
  if (!ours || !theirs || !areSizesAlike(ours.item.sizeBytes, theirs.item.sizeBytes)) return []
  return [{ source: ours.item, target: theirs.item, fingerprint: ours.fingerprint }]
}

/** Several mails with one weak identity: only equal bodies are the same mail. */
async function pairByBody(
  source: Shelf,
  group: readonly Identified[],
  target: Shelf,
  rivals: readonly Identified[],
): Promise<readonly Twin[]> {
  if (rivals.length === 0) return []
  const uids = (list: readonly Identified[]) => list.map(({ item }) => item.uid)
  const ours = await bodyHashes(source, uids(group))
  const theirs = await bodyHashes(target, uids(rivals))
  const open = [...rivals]
  return group.flatMap(({ item, fingerprint }) => {
    const hash = ours.get(item.uid)
    const at = open.findIndex((rival) => hash !== undefined && theirs.get(rival.item.uid) === hash)
    const [found] = at === -1 ? [] : open.splice(at, 1)
    return found ? [{ source: item, target: found.item, fingerprint }] : []
  })
}

async function bodyHashes(shelf: Shelf, uids: readonly Uid[]): Promise<ReadonlyMap<Uid, string>> {
  const hashes = new Map<Uid, string>()
  for await (const item of shelf.reader.fetch(shelf.folder, uids)) {
    const chunks: Uint8Array[] = []
    for await (const chunk of item.body) chunks.push(chunk.slice())
    const bytes = Buffer.concat(chunks)
    const body = bytes.subarray(headerOf(bytes).length).toString('latin1').trim()
    hashes.set(item.uid, createHash('sha256').update(body, 'latin1').digest('hex'))
  }
  return hashes
}

/** SHA-256 of whole items as they stand, by UID. */
export async function contentHashes(
  shelf: Omit<Shelf, 'items'>,
  uids: readonly Uid[],
): Promise<ReadonlyMap<Uid, Uint8Array>> {
  const hashes = new Map<Uid, Uint8Array>()
  for await (const item of shelf.reader.fetch(shelf.folder, uids)) {
    const meter = new ContentMeter()
    for await (const chunk of item.body) meter.update(chunk)
    hashes.set(item.uid, meter.finish().sha256)
  }
  return hashes
}

function push(map: Map<string, Identified[]>, key: string, found: Identified): void {
  const group = map.get(key)
  if (group) group.push(found)
  else map.set(key, [found])
}
