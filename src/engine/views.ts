import type { ItemMeta } from '../domain/mail.ts'
import { inParts } from '../domain/plan.ts'
import { PrintKeys } from '../domain/print-keys.ts'
import type { LedgerRecord } from '../domain/sync-state.ts'
import { lookAt } from './breathing.ts'
import { type FolderWork, type Pass, recordOf, settle } from './folder-work.ts'
import { type Prints, readPrints } from './prints.ts'

/**
 * A view shows mail that stands in other folders too. What was settled in another folder of the mailbox is left out
 * here, as often as it stands there at most; only mail that is nowhere else is copied.
 */
export async function excludeSeenElsewhere(pass: Pass, work: FolderWork): Promise<void> {
  if (work.wanted.size === 0) return
  const items = work.wanted.list()
  const prints = await readPrints({ reader: pass.source, folder: work.source, items })
  const keys = new PrintKeys()
  await lookAt(items.places(), (place) => {
    const print = prints.strict(place)
    if (print) keys.add(print)
  })
  const left = await countElsewhere(pass, work, keys)
  for (const part of inParts(items, excludedAtOnce)) {
    const excluded = part.flatMap((item) => seenElsewhere(item, prints, keys, left))
    await settle(pass, work, excluded)
    for (const { sourceUid } of excluded) work.wanted.delete(sourceUid)
  }
}

const excludedAtOnce = 1000

function seenElsewhere(item: ItemMeta, prints: Prints, keys: PrintKeys, left: Uint32Array): readonly LedgerRecord[] {
  const fingerprint = prints.of(item.uid)
  const key = fingerprint ? keys.find(fingerprint) : -1
  const count = left[key] ?? 0
  if (!fingerprint || count === 0) return []
  left[key] = count - 1
  return [recordOf(item, { outcome: 'excluded', fingerprint })]
}

/** How often each mail stands in the one folder that has most of it, by the number of its fingerprint. */
async function countElsewhere(pass: Pass, work: FolderWork, keys: PrintKeys): Promise<Uint32Array> {
  const most = new Uint32Array(keys.size)
  for (const state of await pass.store.folders(pass.pair)) {
    if (state.id === work.state.id) continue
    const counts = new Uint32Array(keys.size)
    await lookAt(await pass.store.ledger(state.id), ({ fingerprint, isVanished }) => {
      const key = fingerprint && !isVanished ? keys.find(fingerprint) : -1
      if (key >= 0) counts[key] = (counts[key] ?? 0) + 1
    })
    for (let key = 0; key < counts.length; key += 1) most[key] = Math.max(most[key] ?? 0, counts[key] ?? 0)
  }
  return most
}
