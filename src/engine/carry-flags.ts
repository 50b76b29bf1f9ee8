import type { FlagChange } from '../connectors/connector.ts'
import { hasCopy } from '../domain/folder-ledger.ts'
import type { ItemMeta, Uid } from '../domain/mail.ts'
import { type FlagDelta, flagDelta, inParts, isNoDelta } from '../domain/plan.ts'
import type { KnownRecord } from '../domain/sync-state.ts'
import { type FolderWork, type Pass, settle } from './folder-work.ts'

/** What is carried together is settled together. */
const carriedAtOnce = 2000

/** A copy whose flags have to follow those of its item. */
interface Carried {
  readonly item: ItemMeta
  readonly record: KnownRecord
  readonly uid: Uid
  readonly delta: FlagDelta
}

/** Carries what changed at the source to the copies, and remembers the source's flags as the new baseline. */
export async function carryFlags(pass: Pass, work: FolderWork): Promise<void> {
  for (const items of inParts(work.flagChanges, carriedAtOnce)) {
    const carried = items.flatMap((item) => carriedTo(work, item))
    if (carried.length === 0) continue
    await pass.target.changeFlags(work.target, grouped(carried))
    await settle(
      pass,
      work,
      carried.map(({ record, item }) => ({ ...record, flags: item.flags })),
    )
    pass.tally.flagsChanged += carried.length
  }
}

function carriedTo({ ledger }: FolderWork, item: ItemMeta): readonly Carried[] {
  const record = ledger.get(item.uid)
  if (!record || !hasCopy(record) || record.targetUid === null) return []
  const delta = flagDelta(item.flags, record.flags)
  return isNoDelta(delta) ? [] : [{ item, record, uid: record.targetUid, delta }]
}

/** One command for all copies that gain and lose the same flags. */
function grouped(carried: readonly Carried[]): readonly FlagChange[] {
  const groups = new Map<string, { uids: Uid[]; delta: FlagDelta }>()
  for (const { uid, delta } of carried) {
    const key = JSON.stringify([[...delta.add].sort(), [...delta.remove].sort()])
    const group = groups.get(key)
    if (group) group.uids.push(uid)
    else groups.set(key, { uids: [uid], delta })
  }
  return [...groups.values()].map(({ uids, delta }) => ({ uids: uids.sort((a, b) => a - b), ...delta }))
}
