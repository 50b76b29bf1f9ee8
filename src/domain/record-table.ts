import { resized, roomFor } from './columns.ts'
import { FlagSets } from './flag-sets.ts'
import type { Uid } from './mail.ts'
import {
  bits,
  fingerprintBytes,
  headOf,
  type RecordColumns,
  type RecordHead,
  sha256Bytes,
  stateOf,
} from './record-state.ts'
import type { KnownRecord, LedgerRecord } from './sync-state.ts'
import { UidIndex } from './uid-index.ts'

/**
 * One record for each source UID of a folder, in columns: 74 bytes a record, and some to find it by. Objects are made as
 * they are asked for; they are copies, and do not change with the table.
 */
export class RecordTable implements Iterable<KnownRecord> {
  #sourceUids = new Float64Array(0)
  #targetUids = new Uint32Array(0)
  #states = new Uint16Array(0)
  #sizes = new Float64Array(0)
  #flags = new Uint32Array(0)
  #fingerprints = new Uint8Array(0)
  #hashes = new Uint8Array(0)
  #size = 0
  #isSorted = true
  readonly #flagSets = new FlagSets()
  readonly #index = new UidIndex((row) => this.#sourceUids[row] ?? 0)

  constructor(records: Iterable<LedgerRecord | KnownRecord> = []) {
    this.put(records)
  }

  get size(): number {
    return this.#size
  }

  /** Makes room for so many records in all: nothing is moved until then. */
  reserve(records: number): void {
    if (records <= this.#states.length) return
    const room = roomFor(records, this.#states.length)
    this.#sourceUids = resized(this.#sourceUids, room)
    this.#targetUids = resized(this.#targetUids, room)
    this.#states = resized(this.#states, room)
    this.#sizes = resized(this.#sizes, room)
    this.#flags = resized(this.#flags, room)
    this.#fingerprints = resized(this.#fingerprints, room * fingerprintBytes)
    this.#hashes = resized(this.#hashes, room * sha256Bytes)
    this.#index.reserve(records)
  }

  /** A record takes the place of the one of its source UID; it is unconfirmed but where it says otherwise. */
  put(records: Iterable<LedgerRecord | KnownRecord>): void {
    for (const record of records) {
      const row = this.#rowFor(record.sourceUid)
      this.#write(row, record.targetUid ?? 0, stateOf(record), record.sizeBytes, record.flags)
      if (record.fingerprint) this.#fingerprints.set(record.fingerprint, row * fingerprintBytes)
      if (record.sha256) this.#hashes.set(record.sha256, row * sha256Bytes)
    }
  }

  /** The same for records in columns; `stateBits` are added to the state of each. */
  putColumns(columns: RecordColumns, stateBits = 0): void {
    const { sourceUids, targetUids, states, sizes, flags, fingerprints, hashes } = columns
    let [fingerprintAt, hashAt] = [0, 0]
    for (let at = 0; at < states.length; at += 1) {
      const state = (states[at] ?? 0) | stateBits
      const row = this.#rowFor(sourceUids[at] ?? 0)
      this.#write(row, targetUids[at] ?? 0, state, sizes[at] ?? 0, flags[at] ?? [])
      if (state & bits.fingerprint) {
        copyBytes(fingerprints, fingerprintAt, this.#fingerprints, row * fingerprintBytes, fingerprintBytes)
        fingerprintAt += fingerprintBytes
      }
      if (state & bits.sha256) {
        copyBytes(hashes, hashAt, this.#hashes, row * sha256Bytes, sha256Bytes)
        hashAt += sha256Bytes
      }
    }
  }

  has(uid: Uid): boolean {
    return this.#index.rowOf(uid) >= 0
  }

  get(uid: Uid): KnownRecord | undefined {
    const row = this.#index.rowOf(uid)
    return row < 0 ? undefined : this.#recordAt(row)
  }

  head(uid: Uid): RecordHead | undefined {
    const row = this.#index.rowOf(uid)
    return row < 0 ? undefined : this.#headAt(row)
  }

  /** All records, ascending by source UID. One that is put meanwhile may be missing. */
  *[Symbol.iterator](): Generator<KnownRecord, undefined> {
    for (const row of this.#rows()) yield this.#recordAt(row)
  }

  /** The same without their hashes. */
  *heads(): Generator<RecordHead, undefined> {
    for (const row of this.#rows()) yield this.#headAt(row)
  }

  /** State and size of all records, in any order: the quickest way to count. */
  visit(look: (state: number, sizeBytes: number) => void): void {
    for (let row = 0; row < this.#size; row += 1) look(this.#states[row] ?? 0, this.#sizes[row] ?? 0)
  }

  /** UIDs of all copies that are known, in any order. */
  targetUids(): Uint32Array {
    const known = this.#targetUids.slice(0, this.#size)
    return known.filter((_, row) => ((this.#states[row] ?? 0) & bits.target) !== 0)
  }

  #rowFor(uid: Uid): number {
    const known = this.#index.rowOf(uid)
    if (known >= 0) return known
    const row = this.#size
    this.reserve(row + 1)
    if (row > 0 && (this.#sourceUids[row - 1] ?? 0) > uid) this.#isSorted = false
    this.#sourceUids[row] = uid
    this.#size += 1
    this.#index.add(uid, row)
    return row
  }

  #write(row: number, targetUid: Uid, state: number, sizeBytes: number, flags: readonly string[]): void {
    this.#targetUids[row] = targetUid
    this.#states[row] = state
    this.#sizes[row] = sizeBytes
    this.#flags[row] = this.#flagSets.numberOf(flags)
  }

  #headAt(row: number): RecordHead {
    const flags = this.#flagSets.at(this.#flags[row] ?? 0)
    const [sourceUid, targetUid] = [this.#sourceUids[row] ?? 0, this.#targetUids[row] ?? 0]
    return headOf(sourceUid, targetUid, this.#states[row] ?? 0, this.#sizes[row] ?? 0, flags)
  }

  #recordAt(row: number): KnownRecord {
    const state = this.#states[row] ?? 0
    const [fingerprintAt, hashAt] = [row * fingerprintBytes, row * sha256Bytes]
    const hasFingerprint = (state & bits.fingerprint) !== 0
    return {
      ...this.#headAt(row),
      fingerprint: hasFingerprint ? this.#fingerprints.slice(fingerprintAt, fingerprintAt + fingerprintBytes) : null,
      sha256: state & bits.sha256 ? this.#hashes.slice(hashAt, hashAt + sha256Bytes) : null,
    }
  }

  *#rows(): Generator<number, undefined> {
    const size = this.#size
    if (!this.#isSorted) yield* this.#sortedRows()
    else for (let row = 0; row < size; row += 1) yield row
  }

  #sortedRows(): Uint32Array {
    const rows = Uint32Array.from({ length: this.#size }, (_, row) => row)
    return rows.sort((a, b) => (this.#sourceUids[a] ?? 0) - (this.#sourceUids[b] ?? 0))
  }
}

/** Byte by byte: for so few this is quicker than a view. */
function copyBytes(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number, length: number): void {
  for (let at = 0; at < length; at += 1) to[toAt + at] = from[fromAt + at] ?? 0
}
