import { createHash } from 'node:crypto'
import { areSizesAlike, ContentMeter, headerOf } from '../domain/fingerprint.ts'
import type { ItemMeta, Uid } from '../domain/mail.ts'
import { inParts } from '../domain/plan.ts'
import { PrintGroups } from '../domain/print-groups.ts'
import { both } from './both.ts'
import { breathe, lookAt } from './breathing.ts'
import { type Prints, readPrints, type Shelf } from './prints.ts'

/** A source item and the item at the target that is the same mail. */
export interface Twin {
  readonly source: ItemMeta
  readonly target: ItemMeta
  /** Of the source item, strict. */
  readonly fingerprint: Uint8Array
}

/** Told together: what is done with so many takes a few milliseconds. */
const twinsAtOnce = 500

/**
 * Finds for source items the same mail at the target, some at a time. Every item is used once, so twins keep their count.
 * Strict: the same header and the same length; headers are read only where lengths collide.
 * Weak, for targets that rewrite mail: the same Message-ID, Date, From and Subject and about the same length.
 */
export async function* findTwins(source: Shelf, target: Shelf, isWeak: boolean): AsyncGenerator<readonly Twin[]> {
  if (source.items.length === 0 || target.items.length === 0) return
  const [ours, theirs] = isWeak ? [source, target] : narrowed(source, target)
  if (ours.items.length === 0 || theirs.items.length === 0) return
  const [left, right] = await both(readPrints(ours, isWeak), readPrints(theirs, isWeak))
  yield* isWeak ? pairWeak({ shelf: ours, prints: left }, { shelf: theirs, prints: right }) : pairStrict(left, right)
}

function narrowed(source: Shelf, target: Shelf): readonly [Shelf, Shelf] {
  const keep = (shelf: Shelf, sizes: ReadonlySet<number>): Shelf => ({
    ...shelf,
    items: shelf.items.pick((place) => sizes.has(shelf.items.sizeAt(place))),
  })
  return [keep(source, target.items.sizes()), keep(target, source.items.sizes())]
}

async function* pairStrict(left: Prints, right: Prints): AsyncGenerator<readonly Twin[]> {
  const groups = new PrintGroups()
  await lookAt(right.items.places(), (place) => {
    const print = right.strict(place)
    if (print) groups.put(print, place)
  })
  const order = await byDateAgreement(left, right, groups)
  for (const twins of inParts(takeTwins(left, order, right, groups), twinsAtOnce)) {
    yield twins
    await breathe()
  }
}

/** Places of items whose date agrees with a candidate first: the date only breaks ties between twins. */
async function byDateAgreement(left: Prints, right: Prints, groups: PrintGroups): Promise<Iterable<number>> {
  const areLate = new Uint8Array(left.items.length)
  await lookAt(left.items.places(), (place) => {
    const print = left.strict(place)
    const receivedAt = left.items.receivedAtOf(place)
    areLate[place] = print && groups.has(print, (theirs) => right.items.receivedAtOf(theirs) === receivedAt) ? 0 : 1
  })
  return inTurn(areLate)
}

function* inTurn(areLate: Uint8Array): Generator<number> {
  for (const turn of [0, 1]) {
    for (let place = areLate.indexOf(turn); place >= 0; place = areLate.indexOf(turn, place + 1)) yield place
  }
}

function* takeTwins(left: Prints, order: Iterable<number>, right: Prints, groups: PrintGroups): Generator<Twin> {
  for (const place of order) {
    const print = left.strict(place)
    const receivedAt = left.items.receivedAtOf(place)
    const theirs = print ? groups.take(print, (rival) => right.items.receivedAtOf(rival) === receivedAt) : null
    if (theirs !== null) yield* twinOf(left, place, right, theirs)
  }
}

function* twinOf(left: Prints, place: number, right: Prints, theirs: number): Generator<Twin> {
  const [source, target, fingerprint] = [left.items.at(place), right.items.at(theirs), left.strict(place)]
  if (source && target && fingerprint) yield { source, target, fingerprint: fingerprint.slice() }
}

/** A shelf whose headers were read. */
interface Known {
  readonly shelf: Shelf
  readonly prints: Prints
}

async function* pairWeak(source: Known, target: Known): AsyncGenerator<readonly Twin[]> {
  const [ours, theirs] = [weakGroups(source.prints), weakGroups(target.prints)]
  let twins: Twin[] = []
  for (const place of source.prints.items.places()) {
    const print = source.prints.weak(place)
    if (!print) continue
    // Of each group all are taken when the first of them comes.
    const [group, rivals] = [takeAll(ours, print), takeAll(theirs, print)]
    const isPlain = group.length === 1 && rivals.length === 1
    const pairs = isPlain
      ? alikeInSize(source, group, target, rivals)
      : await alikeInBody(source, group, target, rivals)
    for (const [own, rival] of pairs) twins.push(...twinOf(source.prints, own, target.prints, rival))
    if (twins.length < twinsAtOnce) continue
    yield twins
    twins = []
  }
  if (twins.length > 0) yield twins
}

function weakGroups(prints: Prints): PrintGroups {
  const groups = new PrintGroups()
  for (const place of prints.items.places()) {
    const print = prints.weak(place)
    if (print) groups.put(print, place)
  }
  return groups
}

function takeAll(groups: PrintGroups, print: Uint8Array): readonly number[] {
  const places: number[] = []
  for (let place = groups.take(print); place !== null; place = groups.take(print)) places.push(place)
  return places
}

type Pairs = readonly (readonly [number, number])[]

function alikeInSize(source: Known, group: readonly number[], target: Known, rivals: readonly number[]): Pairs {
  const [own = 0] = group
  const [rival = 0] = rivals
  const areAlike = areSizesAlike(source.prints.items.sizeAt(own), target.prints.items.sizeAt(rival))
  return areAlike ? [[own, rival]] : []
}

/** Several mails with one weak identity: only equal bodies are the same mail. */
async function alikeInBody(
  source: Known,
  group: readonly number[],
  target: Known,
  rivals: readonly number[],
): Promise<Pairs> {
  if (group.length === 0 || rivals.length === 0) return []
  const uids = ({ prints }: Known, places: readonly number[]) => places.map((place) => prints.items.uidAt(place))
  const ours = await bodyHashes(source.shelf, uids(source, group))
  const theirs = await bodyHashes(target.shelf, uids(target, rivals))
  const open = [...rivals]
  return group.flatMap((own) => {
    const hash = ours.get(source.prints.items.uidAt(own))
    const at = open.findIndex((rival) => hash !== undefined && theirs.get(target.prints.items.uidAt(rival)) === hash)
    const [found] = at === -1 ? [] : open.splice(at, 1)
    return found === undefined ? [] : [[own, found] as const]
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
