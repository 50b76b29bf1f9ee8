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
  const newest = new Map<number, Settled>()
  putNewest(newest, records)
  const sorted = ascending(newest)
  const pages: PackedPage[] = []
  for (let from = 0; from < sorted.length; from += pageRecordsMax)
    pages.push(packed(sorted.slice(from, from + pageRecordsMax)))
  return pages
}

const packed = (records: readonly Settled[]): PackedPage => ({
  page: packPage(records),
  records: records.length,
  vanished: records.filter(({ isVanished }) => isVanished).length,
  uidFirst: records[0]?.sourceUid ?? 0,
  uidLast: records.at(-1)?.sourceUid ?? 0,
})

/** Adds records to the newest ones so far, by source UID. */
function putNewest<T extends LedgerRecord>(newest: Map<number, T>, records: readonly T[]): void {
  for (const record of records) newest.set(record.sourceUid, record)
}

const ascending = <T extends LedgerRecord>(records: ReadonlyMap<number, T>): T[] =>
  [...records.values()].sort((a, b) => a.sourceUid - b.sourceUid)

/** Runs of consecutive numbers among ascending ones, as [first, last]; of others more and shorter ones. */
export function runsOf(numbers: readonly number[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = []
  let run: [number, number] | null = null
  for (const number of numbers) {
    if (run !== null && number === run[1] + 1) run[1] = number
    else {
      run = [number, number]
      runs.push(run)
    }
  }
  return runs
}
