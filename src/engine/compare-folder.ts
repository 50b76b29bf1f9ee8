import { keyOf } from '../domain/fingerprint.ts'
import { type FolderLedger, hasCopy } from '../domain/folder-ledger.ts'
import type { ItemList } from '../domain/item-list.ts'
import type { ItemMeta } from '../domain/mail.ts'
import { inParts, planPages } from '../domain/plan.ts'
import { instantOf } from '../domain/received-at.ts'
import type { RecordHead } from '../domain/record-state.ts'
import { both } from './both.ts'
import { flagComparison } from './compare-flags.ts'
import { DoubledItems } from './doubled-items.ts'
import { contentHashes } from './identity.ts'
import type { FolderDifference, ItemDifference } from './pass.ts'
import { type Comparison, type Identities, readIdentities } from './read-identities.ts'

const examplesMax = 20
/** Compared together: headers of so many are read with one question. */
const itemsAtOnce = 2000

interface Sides {
  readonly source: ItemList
  readonly target: ItemList
  readonly ledger: FolderLedger
}

interface Pair {
  readonly record: RecordHead
  readonly ours: ItemMeta
  readonly theirs: ItemMeta
}

/** Compares one folder with its copy, item by item. */
export async function compareFolder(
  context: Comparison,
): Promise<{ readonly difference: FolderDifference; readonly itemsChecked: number }> {
  const sides = await readSides(context)
  const items = sides.source.below((context.state.cursor?.uidDone ?? 0) + 1)
  const missing = new Findings()
  const different = new Findings()
  const doubled = new DoubledItems(context, unclaimed(sides))
  for (const part of inParts(items, itemsAtOnce)) {
    context.signal.throwIfAborted()
    missing.add(part.flatMap((item) => missingCopy(item, sides)))
    different.add(
      await comparePairs(
        context,
        part.flatMap((item) => pairOf(item, sides)),
        doubled,
      ),
    )
  }
  const difference = {
    sourcePath: context.sourceFolder.path,
    targetPath: context.targetFolder.path,
    sourceItems: sides.source.length,
    targetItems: sides.target.length,
    missing: missing.examples,
    missingItems: missing.items,
    doubledItems: await doubled.count(),
    different: different.examples,
    differentItems: different.items,
  }
  return { difference, itemsChecked: items.length }
}

/** What was found wrong: some of it as it was found, and of how many items. */
class Findings {
  readonly examples: ItemDifference[] = []
  items = 0

  /** All that was found of some items, each of which is added only once. */
  add(found: readonly ItemDifference[]): void {
    this.examples.push(...found.slice(0, examplesMax - this.examples.length))
    this.items += new Set(found.map(({ sourceUid }) => sourceUid)).size
  }
}

async function readSides({ source, target, sourceFolder, targetFolder, store, state }: Comparison): Promise<Sides> {
  const [ours, theirs] = await both(source.list(sourceFolder), target.list(targetFolder))
  return { source: ours, target: theirs, ledger: await store.ledger(state.id) }
}

/** Mail at the target that is no copy of ours, as far as we know. */
function unclaimed({ target, ledger }: Sides): ItemList {
  const claimed = ledger.claimed()
  return target.pick((place) => !claimed.has(target.uidAt(place)))
}

/** Skipped, left out, gone and removed by the user are explanations; no record, a failure and an absent copy are not. */
function missingCopy(item: ItemMeta, { ledger, target }: Sides): readonly ItemDifference[] {
  const record = ledger.head(item.uid)
  const isExplained = record && record.outcome !== 'failed' && (!hasCopy(record) || isThere(record, target))
  if (isExplained) return []
  const detail = record?.targetUid ? 'The copy is not at the target any more' : 'There is no copy at the target'
  return [{ sourceUid: item.uid, targetUid: record?.targetUid ?? null, what: 'missing', detail }]
}

const isThere = ({ targetUid }: RecordHead, target: ItemList): boolean => targetUid !== null && target.has(targetUid)

function pairOf(ours: ItemMeta, { ledger, target }: Sides): readonly Pair[] {
  const record = ledger.head(ours.uid)
  const theirs = record?.targetUid == null ? undefined : target.get(record.targetUid)
  return record && theirs && hasCopy(record) ? [{ record, ours, theirs }] : []
}

async function comparePairs(
  context: Comparison,
  pairs: readonly Pair[],
  doubled: DoubledItems,
): Promise<readonly ItemDifference[]> {
  const [source, target] = await both(
    readIdentities(
      context,
      'source',
      pairs.map(({ ours }) => ours),
    ),
    readIdentities(
      context,
      'target',
      pairs.map(({ theirs }) => theirs),
    ),
  )
  for (const { record, theirs } of pairs) doubled.seeCopy(record, theirs, target.get(theirs.uid))
  const lostFlags = await flagComparison(context, pairs)
  return [
    ...pairs.flatMap((pair) => differenceOf(pair, { source, target }, lostFlags(pair))),
    ...(context.readsData ? await compareData(context, pairs) : []),
  ]
}

function differenceOf(
  pair: Pair,
  identities: Record<'source' | 'target', Identities>,
  lost: readonly string[],
): readonly ItemDifference[] {
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
