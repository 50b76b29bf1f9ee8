import { keyOf, strictFingerprint, weakIdentity } from '../domain/fingerprint.ts'
import type { Folder, ItemMeta, Uid } from '../domain/mail.ts'
import { planPages } from '../domain/plan.ts'
import { instantOf } from '../domain/received-at.ts'
import type { FolderState, KnownRecord } from '../domain/sync-state.ts'
import { both } from './both.ts'
import { flagComparison } from './compare-flags.ts'
import { FolderLedger, hasCopy } from './folder-ledger.ts'
import { contentHashes, type Shelf } from './identity.ts'
import type { FolderDifference, ItemDifference } from './pass.ts'
import type { VerifyContext } from './verify.ts'

const examplesMax = 20
const headersAtOnceMax = 2000

interface Comparison extends VerifyContext {
  readonly sourceFolder: Folder
  readonly targetFolder: Folder
  readonly state: FolderState
  readonly isWeak: boolean
}

interface Sides {
  readonly source: ReadonlyMap<Uid, ItemMeta>
  readonly target: ReadonlyMap<Uid, ItemMeta>
  readonly ledger: FolderLedger
}

interface Pair {
  readonly record: KnownRecord
  readonly ours: ItemMeta
  readonly theirs: ItemMeta
}

/** Compares one folder with its copy, item by item. */
export async function compareFolder(
  context: Comparison,
): Promise<{ readonly difference: FolderDifference; readonly itemsChecked: number }> {
  const sides = await readSides(context)
  const items = [...sides.source.values()].filter((item) => item.uid <= (context.state.cursor?.uidDone ?? 0))
  const missing = items.flatMap((item) => missingCopy(item, sides))
  const pairs = items.flatMap((item) => pairOf(item, sides))
  const identities = await readIdentities(context, sides, pairs)
  const lostFlags = await flagComparison(context, pairs)
  const different = [
    ...pairs.flatMap((pair) => differenceOf(pair, identities, lostFlags(pair))),
    ...(context.readsData ? await compareData(context, pairs) : []),
  ]
  const difference = {
    sourcePath: context.sourceFolder.path,
    targetPath: context.targetFolder.path,
    sourceItems: sides.source.size,
    targetItems: sides.target.size,
    missing: missing.slice(0, examplesMax),
    missingItems: missing.length,
    doubledItems: countDoubled(sides, pairs, identities),
    different: different.slice(0, examplesMax),
    differentItems: new Set(different.map((found) => found.sourceUid)).size,
  }
  return { difference, itemsChecked: items.length }
}

async function readSides({ source, target, sourceFolder, targetFolder, store, state }: Comparison): Promise<Sides> {
  const [ours, theirs] = await both(source.list(sourceFolder), target.list(targetFolder))
  const byUid = (items: readonly ItemMeta[]) => new Map(items.map((item) => [item.uid, item]))
  return { source: byUid(ours), target: byUid(theirs), ledger: new FolderLedger(await store.ledger(state.id)) }
}

/** Skipped, left out, gone and removed by the user are explanations; no record, a failure and an absent copy are not. */
function missingCopy(item: ItemMeta, { ledger, target }: Sides): readonly ItemDifference[] {
  const record = ledger.get(item.uid)
  const isExplained = record && record.outcome !== 'failed' && (!hasCopy(record) || isThere(record, target))
  if (isExplained) return []
  const detail = record?.targetUid ? 'The copy is not at the target any more' : 'There is no copy at the target'
  return [{ sourceUid: item.uid, targetUid: record?.targetUid ?? null, what: 'missing', detail }]
}

const isThere = ({ targetUid }: KnownRecord, target: ReadonlyMap<Uid, ItemMeta>): boolean =>
  targetUid !== null && target.has(targetUid)

function pairOf(ours: ItemMeta, { ledger, target }: Sides): readonly Pair[] {
  const record = ledger.get(ours.uid)
  const theirs = record?.targetUid == null ? undefined : target.get(record.targetUid)
  return record && theirs && hasCopy(record) ? [{ record, ours, theirs }] : []
}

interface Identities {
  readonly source: ReadonlyMap<Uid, string>
  readonly target: ReadonlyMap<Uid, string>
}

/** All copies, and what else at the target has the length of one: it may be the same mail once more. */
async function readIdentities(context: Comparison, sides: Sides, pairs: readonly Pair[]): Promise<Identities> {
  const sizes = new Set(pairs.map(({ theirs }) => theirs.sizeBytes))
  const source = { reader: context.source, folder: context.sourceFolder, items: pairs.map(({ ours }) => ours) }
  const target = {
    reader: context.target,
    folder: context.targetFolder,
    items: [...sides.target.values()].filter((item) => sizes.has(item.sizeBytes)),
  }
  const [ours, theirs] = await both(identify(source, context.isWeak), identify(target, context.isWeak))
  return { source: ours, target: theirs }
}

async function identify({ reader, folder, items }: Shelf, isWeak: boolean): Promise<ReadonlyMap<Uid, string>> {
  const uids = items.map((item) => item.uid).sort((a, b) => a - b)
  const sizes = new Map(items.map((item) => [item.uid, item.sizeBytes]))
  const found = new Map<Uid, string>()
  for (let at = 0; at < uids.length; at += headersAtOnceMax) {
    for await (const { uid, header } of reader.headers(folder, uids.slice(at, at + headersAtOnceMax))) {
      const strict = keyOf(strictFingerprint(header, sizes.get(uid) ?? 0))
      found.set(uid, isWeak ? (weakIdentity(header) ?? '') : strict)
    }
  }
  return found
}

function differenceOf(pair: Pair, identities: Identities, lost: readonly string[]): readonly ItemDifference[] {
  const { record, ours, theirs } = pair
  const found: ItemDifference[] = []
  const add = (what: ItemDifference['what'], detail: string): void => {
    found.push({ sourceUid: ours.uid, targetUid: theirs.uid, what, detail })
  }
  const left = identities.source.get(ours.uid)
  if (left !== undefined && left !== identities.target.get(theirs.uid)) add('content', 'Header or length differ')
  // An adopted copy keeps the date it had; one whose source tells none that can be read has got another.
  const date = instantOf(ours.receivedAt)
  if (record.outcome === 'copied' && date !== null && date !== instantOf(theirs.receivedAt)) {
    add('date', `${ours.receivedAt} became ${theirs.receivedAt}`)
  }
  if (lost.length > 0) add('flags', `Not at the target: ${lost.join(' ')}`)
  return found
}

async function compareData(context: Comparison, pairs: readonly Pair[]): Promise<readonly ItemDifference[]> {
  const found: ItemDifference[] = []
  const byUid = new Map(pairs.map((pair) => [pair.ours.uid, pair]))
  for (const page of planPages(pairs.map(({ ours }) => ours))) {
    context.signal.throwIfAborted()
    const here = page.flatMap((item) => byUid.get(item.uid) ?? [])
    found.push(...(await comparePage(context, here)))
  }
  return found
}

async function comparePage(context: Comparison, pairs: readonly Pair[]): Promise<readonly ItemDifference[]> {
  const targetUids = pairs.map(({ theirs }) => theirs.uid).sort((a, b) => a - b)
  const sourceUids = pairs.map(({ ours }) => ours.uid)
  const [left, right] = await both(
    contentHashes({ reader: context.source, folder: context.sourceFolder }, sourceUids),
    contentHashes({ reader: context.target, folder: context.targetFolder }, targetUids),
  )
  return pairs.flatMap(({ ours, theirs }) => {
    const [a, b] = [left.get(ours.uid), right.get(theirs.uid)]
    const isEqual = a === undefined || (b !== undefined && keyOf(a) === keyOf(b))
    return isEqual
      ? []
      : [{ sourceUid: ours.uid, targetUid: theirs.uid, what: 'content' as const, detail: 'The bytes differ' }]
  })
}

/** Unclaimed mail at the target that is, to the date, a copy which we made already. */
function countDoubled({ target, ledger }: Sides, pairs: readonly Pair[], identities: Identities): number {
  const claimed = ledger.claimed()
  const key = (item: ItemMeta): string => `${identities.target.get(item.uid)}\u0000${instantOf(item.receivedAt)}`
  const ours = new Set(pairs.filter(({ record }) => record.outcome === 'copied').map(({ theirs }) => key(theirs)))
  return [...target.values()].filter(
    (item) => !claimed.has(item.uid) && identities.target.has(item.uid) && ours.has(key(item)),
  ).length
}
