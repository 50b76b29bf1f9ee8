import { packPage, pageRecordsMax, type Settled } from './ledger-page.ts'
import type { LedgerRecord } from './sync-state.ts'

/** A packed page, with what is asked of it without unpacking. */
export interface PackedPage {
  readonly page: Uint8Array
  readonly records: number
  /** How many of the records have vanished. */
  readonly vanished: number
  readonly uidFirst: number
  readonly uidLast: number
}

/** Packs records of any number and order; of several with one source UID the last one counts. */
export function packRecords(records: readonly Settled[]): readonly PackedPage[] {
  const newest = ascending(newestRecords([records]))
  const pages: PackedPage[] = []
  for (let from = 0; from < newest.length; from += pageRecordsMax)
    pages.push(packed(newest.slice(from, from + pageRecordsMax)))
  return pages
}

const packed = (records: readonly Settled[]): PackedPage => ({
  page: packPage(records),
  records: records.length,
  vanished: records.filter(({ isVanished }) => isVanished).length,
  uidFirst: records[0]?.sourceUid ?? 0,
  uidLast: records.at(-1)?.sourceUid ?? 0,
})

/** The newest record of every source UID, the lists given oldest first. */
export function newestRecords<T extends LedgerRecord>(lists: Iterable<readonly T[]>): Map<number, T> {
  const newest = new Map<number, T>()
  for (const records of lists) for (const record of records) newest.set(record.sourceUid, record)
  return newest
}

export const ascending = <T extends LedgerRecord>(records: ReadonlyMap<number, T>): T[] =>
  [...records.values()].sort((a, b) => a.sourceUid - b.sourceUid)
