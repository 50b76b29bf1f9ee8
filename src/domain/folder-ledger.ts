import { bits, outcomeOf } from './record-state.ts'
import { RecordTable } from './record-table.ts'
import { SortedUids } from './sorted-uids.ts'
import { type FolderCounts, type LedgerRecord, noCounts } from './sync-state.ts'

/** Messages and their bytes. */
export interface Amount {
  readonly items: number
  readonly bytes: number
}

/** The newest record of every source UID of one folder: only what was settled is put here. */
export class FolderLedger extends RecordTable {
  /** UIDs at the target that belong to a record: no other source item may claim them. */
  claimed(): SortedUids {
    return new SortedUids(this.targetUids())
  }

  /** Every record whose source item is still there, in exactly one category. */
  counts(): FolderCounts {
    const counts = { ...noCounts }
    this.visit((state) => {
      if (state & bits.vanished) return
      counts.source += 1
      counts[state & bits.removed ? 'removed' : (outcomeOf(state) ?? 'failed')] += 1
    })
    return counts
  }

  /** Of the records whose source item is still there. */
  present(): Amount {
    let [items, bytes] = [0, 0]
    this.visit((state, sizeBytes) => {
      if (state & bits.vanished) return
      items += 1
      bytes += sizeBytes
    })
    return { items, bytes }
  }
}

/** Copied or adopted, and not removed by its user: there is a copy, or there should be. */
export const hasCopy = ({ outcome, isRemoved }: Pick<LedgerRecord, 'outcome' | 'isRemoved'>): boolean =>
  (outcome === 'copied' || outcome === 'adopted') && !isRemoved
