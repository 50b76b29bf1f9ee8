import type { Uid } from '../domain/mail.ts'
import { type FolderCounts, type KnownRecord, type LedgerRecord, noCounts } from '../domain/sync-state.ts'

/** The records of one folder as the store has them: only what was settled is put here. */
export class FolderLedger {
  readonly #records = new Map<Uid, KnownRecord>()

  constructor(records: readonly KnownRecord[]) {
    for (const record of records) this.#records.set(record.sourceUid, record)
  }

  get(uid: Uid): KnownRecord | undefined {
    return this.#records.get(uid)
  }

  all(): IterableIterator<KnownRecord> {
    return this.#records.values()
  }

  put(records: readonly (LedgerRecord | KnownRecord)[]): void {
    for (const record of records) this.#records.set(record.sourceUid, { isConfirmed: false, ...record })
  }

  /** Records whose source item is still there. */
  present(): KnownRecord[] {
    return [...this.#records.values()].filter((record) => !record.isVanished)
  }

  /** UIDs at the target that belong to a record: no other source item may claim them. */
  claimed(): ReadonlySet<Uid> {
    const uids = [...this.#records.values()].map((record) => record.targetUid)
    return new Set(uids.filter((uid) => uid !== null))
  }

  isEmpty(): boolean {
    return this.#records.size === 0
  }

  /** Every present record in exactly one category. */
  counts(): FolderCounts {
    const counts = { ...noCounts }
    for (const record of this.#records.values()) {
      if (record.isVanished) continue
      counts.source += 1
      counts[record.isRemoved ? 'removed' : record.outcome] += 1
    }
    return counts
  }
}

/** Copied or adopted, and not removed by its user: there is a copy, or there should be. */
export const hasCopy = (record: LedgerRecord): boolean =>
  (record.outcome === 'copied' || record.outcome === 'adopted') && !record.isRemoved
