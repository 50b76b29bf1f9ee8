import { keyOf } from '../domain/fingerprint.ts'
import { type FolderWork, type Pass, recordOf, settle } from './folder-work.ts'
import { fingerprints } from './identity.ts'

/**
 * A view shows mail that stands in other folders too. What was settled in another folder of the mailbox is left out
 * here, as often as it stands there at most; only mail that is nowhere else is copied.
 */
export async function excludeSeenElsewhere(pass: Pass, work: FolderWork): Promise<void> {
  if (work.wanted.size === 0) return
  const seen = await countElsewhere(pass, work)
  const items = [...work.wanted.values()]
  const prints = await fingerprints({ reader: pass.source, folder: work.source, items })
  const excluded = items.flatMap((item) => {
    const fingerprint = prints.get(item.uid)
    const left = fingerprint ? (seen.get(keyOf(fingerprint)) ?? 0) : 0
    if (!fingerprint || left === 0) return []
    seen.set(keyOf(fingerprint), left - 1)
    return [recordOf(item, { outcome: 'excluded', fingerprint })]
  })
  await settle(pass, work, excluded)
  for (const record of excluded) work.wanted.delete(record.sourceUid)
}

/** How often each mail stands in the one folder that has most of it. */
async function countElsewhere(pass: Pass, work: FolderWork): Promise<Map<string, number>> {
  const most = new Map<string, number>()
  for (const state of await pass.store.folders(pass.pair)) {
    if (state.id === work.state.id) continue
    const counts = new Map<string, number>()
    for (const { fingerprint, isVanished } of await pass.store.ledger(state.id)) {
      if (fingerprint && !isVanished) counts.set(keyOf(fingerprint), (counts.get(keyOf(fingerprint)) ?? 0) + 1)
    }
    for (const [key, count] of counts) most.set(key, Math.max(count, most.get(key) ?? 0))
  }
  return most
}
