import { createHash } from 'node:crypto'
import { ByteReader, concatBytes, unzigzag, writeVarint, zigzag } from './packing.ts'
import {
  bits,
  fingerprintBytes,
  outcomeOf,
  type RecordColumns,
  recordsOf,
  sha256Bytes,
  stateOf,
} from './record-state.ts'
import type { KnownRecord, LedgerRecord } from './sync-state.ts'

/** Records of one page. Larger pages save little, smaller ones repeat the flags more often. */
export const pageRecordsMax = 500

const version = 1
const checksumBytes = 8

export type Settled = LedgerRecord | KnownRecord

/** What many records of a page have in common: state bits and flags. */
interface Kind {
  readonly state: number
  readonly flags: readonly string[]
}

/**
 * Packs records that ascend by source UID, `pageRecordsMax` at most: version, number of records, the kinds of records; then column after column source UIDs as runs, kinds,
 * target UIDs as distances from the one expected, sizes, fingerprints, hashes; a checksum at the end.
 */
export function packPage(records: readonly Settled[]): Uint8Array {
  const head: number[] = [version]
  writeVarint(head, records.length)
  const kinds = writeKinds(head, records)
  writeRuns(head, records)
  for (const kind of kinds) writeVarint(head, kind)
  writeTargets(head, records)
  for (const { sizeBytes } of records) writeVarint(head, sizeBytes)
  const fingerprints = records.flatMap(({ fingerprint }) => sized(fingerprint, fingerprintBytes))
  const hashes = records.flatMap(({ sha256 }) => sized(sha256, sha256Bytes))
  const content = concatBytes([Uint8Array.from(head), ...fingerprints, ...hashes])
  return concatBytes([content, checksum(content)])
}

/** Unpacks a page, ascending by source UID. Raises a RangeError for anything that `packPage` did not make. */
export const unpackPage = (page: Uint8Array): readonly KnownRecord[] => recordsOf(unpackColumns(page))

/** The same without an object for each record. */
export function unpackColumns(page: Uint8Array): RecordColumns {
  const content = page.subarray(0, Math.max(0, page.length - checksumBytes))
  const sum = page.subarray(content.length)
  if (!checksum(content).every((byte, index) => byte === sum[index]))
    throw new RangeError('Cannot unpack a ledger page: it is damaged')
  const reader = new ByteReader(content)
  const found = reader.bytes(1)[0]
  if (found !== version) throw new RangeError(`Cannot unpack a ledger page: its version ${found} is not known`)
  const count = limited(reader.varint(), pageRecordsMax)
  return readColumns(reader, count)
}

function writeKinds(to: number[], records: readonly Settled[]): readonly number[] {
  const indexes = new Map<string, number>()
  const kinds: Kind[] = []
  const ofRecords = records.map((record) => {
    const kind = { state: stateOf(record), flags: record.flags }
    const key = [kind.state, ...kind.flags].join('\u0000')
    const known = indexes.get(key)
    if (known !== undefined) return known
    indexes.set(key, kinds.length)
    return kinds.push(kind) - 1
  })
  writeVarint(to, kinds.length)
  for (const { state, flags } of kinds) {
    writeVarint(to, state)
    writeVarint(to, flags.length)
    for (const flag of flags) writeText(to, flag)
  }
  return ofRecords
}

function writeText(to: number[], text: string): void {
  const encoded = new TextEncoder().encode(text)
  writeVarint(to, encoded.length)
  to.push(...encoded)
}

/** Runs of consecutive source UIDs: the distance from the end of the run before, and the length. */
function writeRuns(to: number[], records: readonly Settled[]): void {
  let next = 0
  for (let index = 0; index < records.length; ) {
    const first = records[index]?.sourceUid ?? 0
    let length = 1
    while (records[index + length]?.sourceUid === first + length) length += 1
    writeVarint(to, first - next)
    writeVarint(to, length)
    next = first + length
    index += length
  }
}

function writeTargets(to: number[], records: readonly Settled[]): void {
  let expected = 0
  for (const { targetUid } of records) {
    if (targetUid === null) continue
    writeVarint(to, zigzag(targetUid - expected))
    expected = targetUid + 1
  }
}

function sized(bytes: Uint8Array | null, length: number): Uint8Array[] {
  if (bytes === null) return []
  if (bytes.length !== length) throw new RangeError(`Cannot pack a hash of ${bytes.length} bytes`)
  return [bytes]
}

const checksum = (content: Uint8Array): Uint8Array =>
  createHash('sha256').update(content).digest().subarray(0, checksumBytes)

function readColumns(reader: ByteReader, count: number): RecordColumns {
  const kinds = readKinds(reader, count)
  const sourceUids = readRuns(reader, count)
  const ofRecords = Array.from({ length: count }, () => known(kinds[reader.varint()]))
  const targetUids = readTargets(reader, ofRecords)
  const sizes = Array.from({ length: count }, () => reader.varint())
  const states = ofRecords.map(({ state }) => state)
  const hashesOf = (bit: number, length: number) =>
    reader.bytes(length * states.reduce((sum, state) => sum + (state & bit ? 1 : 0), 0))
  const fingerprints = hashesOf(bits.fingerprint, fingerprintBytes)
  const hashes = hashesOf(bits.sha256, sha256Bytes)
  if (reader.remaining > 0) throw new RangeError('Cannot unpack a ledger page: bytes are left over')
  return { sourceUids, targetUids, states, sizes, flags: ofRecords.map(({ flags }) => flags), fingerprints, hashes }
}

function readKinds(reader: ByteReader, count: number): readonly Kind[] {
  return Array.from({ length: limited(reader.varint(), count) }, () => {
    const state = reader.varint()
    known(outcomeOf(state))
    // Every flag takes a byte at least, so what remains bounds their number.
    const flags = Array.from({ length: limited(reader.varint(), reader.remaining) }, () => readText(reader))
    return { state, flags: Object.freeze(flags) }
  })
}

const readText = (reader: ByteReader): string => new TextDecoder().decode(reader.bytes(reader.varint()))

function readRuns(reader: ByteReader, count: number): readonly number[] {
  const uids: number[] = []
  let next = 0
  while (uids.length < count) {
    next = limited(next + reader.varint(), Number.MAX_SAFE_INTEGER)
    const length = limited(reader.varint(), count - uids.length)
    if (length === 0) throw new RangeError('Cannot unpack a ledger page: a run is empty')
    for (let step = 0; step < length; step += 1) uids.push(next + step)
    next += length
  }
  return uids
}

function readTargets(reader: ByteReader, kinds: readonly Kind[]): readonly number[] {
  let expected = 0
  return kinds.map(({ state }) => {
    if ((state & bits.target) === 0) return 0
    const uid = expected + unzigzag(reader.varint())
    expected = uid + 1
    return uid
  })
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('Cannot unpack a ledger page: it names what it does not hold')
  return value
}

function limited(value: number, max: number): number {
  if (value > max) throw new RangeError(`Cannot unpack a ledger page: ${value} is more than ${max}`)
  return value
}
