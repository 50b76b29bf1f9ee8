import { keyOf } from '../domain/fingerprint.ts'
import { hasCopy } from '../domain/folder-ledger.ts'
import type { ItemList } from '../domain/item-list.ts'
import type { Uid } from '../domain/mail.ts'
import { inParts } from '../domain/plan.ts'
import { lookAt } from './breathing.ts'
import { type FolderWork, type Pass, recordOf, settle } from './folder-work.ts'
import { contentHashes } from './identity.ts'
import { readPrints } from './prints.ts'

/** Bodies that are read with one question. */
const bodiesAtOnce = 100

/** Messages with one fingerprint: same header, same length. */
interface Group {
  readonly fingerprint: Uint8Array
  readonly wanted: Uid[]
  /** Those that are at the source and have a copy already. */
  readonly copied: Uid[]
}

/**
 * Leaves out the second and every further message of a folder that is the same to the byte as one before it. Lengths,
 * then headers narrow down what may be the same; only equal bytes of all of it decide.
 */
export async function excludeDuplicates(pass: Pass, work: FolderWork): Promise<void> {
  const candidates = await alikeInLength(work)
  if (candidates.length === 0) return
  for (const group of await groupsOf(pass, work, candidates)) {
    if (group.wanted.length + group.copied.length > 1) await excludeEqual(pass, work, group)
  }
}

/** Wanted messages whose length another one has: of these, or of those that have a copy already. */
async function alikeInLength({ wanted, ledger }: FolderWork): Promise<ItemList> {
  const items = wanted.list()
  const times = new Map<number, number>()
  for (const place of items.places()) times.set(items.sizeAt(place), (times.get(items.sizeAt(place)) ?? 0) + 1)
  await lookAt(ledger.heads(), (head) => {
    const before = hasCopy(head) && !head.isVanished ? times.get(head.sizeBytes) : undefined
    if (before !== undefined) times.set(head.sizeBytes, before + 1)
  })
  return items.pick((place) => (times.get(items.sizeAt(place)) ?? 0) > 1)
}

async function groupsOf(pass: Pass, work: FolderWork, candidates: ItemList): Promise<Iterable<Group>> {
  const prints = await readPrints({ reader: pass.source, folder: work.source, items: candidates })
  const groups = new Map<string, Group>()
  for (const place of candidates.places()) {
    const fingerprint = prints.strict(place)
    if (!fingerprint) continue
    const key = keyOf(fingerprint)
    const group = groups.get(key) ?? { fingerprint, wanted: [], copied: [] }
    groups.set(key, group)
    group.wanted.push(candidates.uidAt(place))
  }
  await lookAt(work.ledger, (record) => {
    const { fingerprint, isVanished, sourceUid } = record
    if (fingerprint && hasCopy(record) && !isVanished) groups.get(keyOf(fingerprint))?.copied.push(sourceUid)
  })
  return groups.values()
}

async function excludeEqual(pass: Pass, work: FolderWork, { wanted, copied, fingerprint }: Group): Promise<void> {
  const hashes = await hashesOf(pass, work, [...copied, ...wanted])
  const seen = new Set(copied.flatMap((uid) => hashes.get(uid) ?? []))
  const further = wanted.filter((uid) => {
    const hash = hashes.get(uid)
    if (hash === undefined) return false
    const isSecond = seen.has(hash)
    seen.add(hash)
    return isSecond
  })
  const items = further.flatMap((uid) => work.wanted.get(uid) ?? [])
  await settle(
    pass,
    work,
    items.map((item) => recordOf(item, { outcome: 'excluded', fingerprint })),
  )
  for (const uid of further) work.wanted.delete(uid)
}

async function hashesOf(pass: Pass, work: FolderWork, uids: readonly Uid[]): Promise<ReadonlyMap<Uid, string>> {
  const hashes = new Map<Uid, string>()
  const ascending = [...uids].sort((a, b) => a - b)
  for (const part of inParts(ascending, bodiesAtOnce)) {
    for (const [uid, hash] of await contentHashes({ reader: pass.source, folder: work.source }, part))
      hashes.set(uid, keyOf(hash))
  }
  return hashes
}
