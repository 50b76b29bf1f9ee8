import type { Uid } from './mail.ts'
import { type KnownRecord, type LedgerRecord, type Outcome, outcomes } from './sync-state.ts'

/** The bits of a record's state above its outcome, which takes three; the ledger stores them. */
export const bits = { vanished: 8, removed: 16, confirmed: 32, target: 64, fingerprint: 128, sha256: 256 } as const

export const fingerprintBytes = 16
export const sha256Bytes = 32

/** What a record says in yes and no, and its outcome, as one number. */
export const stateOf = (record: LedgerRecord | KnownRecord): number =>
  outcomes.indexOf(record.outcome) |
  (record.isVanished ? bits.vanished : 0) |
  (record.isRemoved ? bits.removed : 0) |
  ('isConfirmed' in record && record.isConfirmed ? bits.confirmed : 0) |
  (record.targetUid !== null ? bits.target : 0) |
  (record.fingerprint !== null ? bits.fingerprint : 0) |
  (record.sha256 !== null ? bits.sha256 : 0)

/** Undefined where the number is no state. */
export const outcomeOf = (state: number): Outcome | undefined => outcomes[state & 7]

/**
 * Records in columns. Fingerprints and hashes stand one after the other, for those records only whose state says that
 * there is one.
 */
export interface RecordColumns {
  readonly sourceUids: ArrayLike<number>
  /** Any number where there is none. */
  readonly targetUids: ArrayLike<number>
  readonly states: ArrayLike<number>
  readonly sizes: ArrayLike<number>
  readonly flags: ArrayLike<readonly string[]>
  readonly fingerprints: Uint8Array
  readonly hashes: Uint8Array
}

/** A record without its hashes: what is asked of all records of a folder. */
export type RecordHead = Omit<KnownRecord, 'fingerprint' | 'sha256'>

export const headOf = (
  sourceUid: Uid,
  targetUid: Uid,
  state: number,
  sizeBytes: number,
  flags: readonly string[],
): RecordHead => ({
  sourceUid,
  targetUid: state & bits.target ? targetUid : null,
  outcome: outcomeOf(state) ?? 'failed',
  isVanished: (state & bits.vanished) !== 0,
  isRemoved: (state & bits.removed) !== 0,
  sizeBytes,
  flags,
  isConfirmed: (state & bits.confirmed) !== 0,
})

/** Records made of columns; their hashes are views. */
export function recordsOf(columns: RecordColumns): readonly KnownRecord[] {
  const { sourceUids, targetUids, states, sizes, flags, fingerprints, hashes } = columns
  const nextFingerprint = nextOf(fingerprints, bits.fingerprint, fingerprintBytes)
  const nextHash = nextOf(hashes, bits.sha256, sha256Bytes)
  return Array.from(states, (state, at) => ({
    ...headOf(sourceUids[at] ?? 0, targetUids[at] ?? 0, state, sizes[at] ?? 0, flags[at] ?? []),
    fingerprint: nextFingerprint(state),
    sha256: nextHash(state),
  }))
}

function nextOf(bytes: Uint8Array, bit: number, length: number): (state: number) => Uint8Array | null {
  let at = 0
  return (state) => {
    if ((state & bit) === 0) return null
    at += length
    return bytes.subarray(at - length, at)
  }
}
