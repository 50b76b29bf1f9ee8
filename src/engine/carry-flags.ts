import type { FlagChange } from '../connectors/connector.ts'
import type { Uid } from '../domain/mail.ts'
import type { FlagDelta } from '../domain/plan.ts'
import type { KnownRecord } from '../domain/sync-state.ts'
import { hasCopy } from './folder-ledger.ts'
import { type FolderWork, type Pass, settle } from './folder-work.ts'

/** Carries what changed at the source to the copies, and remembers the source's flags as the new baseline. */
export async function carryFlags(pass: Pass, work: FolderWork): Promise<void> {
  const carried = [...work.flagChanges].flatMap(([uid, delta]) => {
    const record = work.ledger.get(uid)
    return record && hasCopy(record) && record.targetUid !== null ? [{ record, uid: record.targetUid, delta }] : []
  })
  if (carried.length === 0) return
  await pass.target.changeFlags(work.target, grouped(carried))
  const records = carried.map(({ record }) => withFlagsOf(record, work))
  await settle(pass, work, records)
  pass.tally.flagsChanged += carried.length
}

const withFlagsOf = (record: KnownRecord, { items }: FolderWork): KnownRecord => ({
  ...record,
  flags: items.get(record.sourceUid)?.flags ?? record.flags,
})

/** One command for all copies that gain and lose the same flags. */
function grouped(carried: readonly { readonly uid: Uid; readonly delta: FlagDelta }[]): readonly FlagChange[] {
  const groups = new Map<string, { uids: Uid[]; delta: FlagDelta }>()
  for (const { uid, delta } of carried) {
    const key = JSON.stringify([[...delta.add].sort(), [...delta.remove].sort()])
    const group = groups.get(key)
    if (group) group.uids.push(uid)
    else groups.set(key, { uids: [uid], delta })
  }
  return [...groups.values()].map(({ uids, delta }) => ({ uids: uids.sort((a, b) => a - b), ...delta }))
}
