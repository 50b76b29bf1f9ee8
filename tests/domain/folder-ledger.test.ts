import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { FolderLedger, hasCopy } from '../../src/domain/folder-ledger.ts'
import { packRecords } from '../../src/domain/ledger.ts'
import { unpackColumns } from '../../src/domain/ledger-page.ts'
import { bits } from '../../src/domain/record-state.ts'
import { type KnownRecord, type LedgerRecord, noCounts, outcomes } from '../../src/domain/sync-state.ts'

const hash = (length: number) => fc.option(fc.uint8Array({ minLength: length, maxLength: length }), { nil: null })

const record: fc.Arbitrary<LedgerRecord | KnownRecord> = fc.record(
  {
    sourceUid: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 2 ** 32, max: 2 ** 32 + 50 })),
    targetUid: fc.option(fc.integer({ min: 1, max: 2 ** 32 - 1 }), { nil: null }),
    outcome: fc.constantFrom(...outcomes),
    isVanished: fc.boolean(),
    isRemoved: fc.boolean(),
    isConfirmed: fc.boolean(),
    sizeBytes: fc.oneof(fc.nat(10_000), fc.nat(2 ** 40)),
    flags: fc.array(fc.constantFrom('\\Seen', '\\Flagged', 'Büro', ''), { maxLength: 3 }),
    fingerprint: hash(16),
    sha256: hash(32),
  },
  {
    requiredKeys: [
      'sourceUid',
      'targetUid',
      'outcome',
      'isVanished',
      'isRemoved',
      'sizeBytes',
      'flags',
      'fingerprint',
      'sha256',
    ],
  },
)
const records = fc.array(record, { maxLength: 60 })

const known = (given: LedgerRecord | KnownRecord): KnownRecord => ({ isConfirmed: false, ...given })

/** What a ledger should be: the last record of each source UID, ascending. */
const model = (given: readonly (LedgerRecord | KnownRecord)[]): readonly KnownRecord[] =>
  [...new Map(given.map((one) => [one.sourceUid, known(one)])).values()].sort((a, b) => a.sourceUid - b.sourceUid)

const plain = (one: KnownRecord): KnownRecord => ({ ...one, flags: [...one.flags] })

describe('the ledger of a folder', () => {
  test('is as a map of its records', () => {
    fc.assert(
      fc.property(records, records, fc.nat(100), (first, second, room) => {
        const ledger = new FolderLedger(first)
        ledger.reserve(room)
        ledger.put(second)
        const expected = model([...first, ...second])
        expect([...ledger].map(plain)).toEqual([...expected])
        expect(ledger.size).toBe(expected.length)
        expect([...ledger.heads()].map(({ sourceUid }) => sourceUid)).toEqual(expected.map((one) => one.sourceUid))
        for (const one of expected) {
          const { fingerprint: _, sha256: __, ...head } = one
          expect(plain(ledger.get(one.sourceUid)!)).toEqual(one)
          expect(ledger.head(one.sourceUid)).toMatchObject({ ...head, flags: [...head.flags] })
        }
        for (let uid = 1; uid <= 50; uid += 1) {
          const isThere = expected.some((one) => one.sourceUid === uid)
          expect([ledger.has(uid), ledger.get(uid) !== undefined]).toEqual([isThere, isThere])
        }
      }),
      { numRuns: 300 },
    )
  })

  test('counts as its records do', () => {
    fc.assert(
      fc.property(records, (given) => {
        const ledger = new FolderLedger(given)
        const all = model(given)
        const present = all.filter((one) => !one.isVanished)
        const counts = { ...noCounts, source: present.length }
        for (const one of present) counts[one.isRemoved ? 'removed' : one.outcome] += 1
        expect(ledger.counts()).toEqual(counts)
        const bytes = present.reduce((sum, one) => sum + one.sizeBytes, 0)
        expect(ledger.present()).toEqual({ items: present.length, bytes })
        const claimed = all.flatMap(({ targetUid }) => targetUid ?? []).sort((a, b) => a - b)
        expect([...ledger.claimed()]).toEqual(claimed)
        for (const uid of claimed) expect(ledger.claimed().has(uid)).toBe(true)
        expect(ledger.claimed().has((claimed.at(-1) ?? 0) + 1)).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('takes packed pages as it takes their records', () => {
    fc.assert(
      fc.property(fc.array(records, { maxLength: 4 }), fc.boolean(), (parts, isConfirmed) => {
        const packed = new FolderLedger()
        const put = new FolderLedger()
        for (const part of parts) {
          for (const { page } of packRecords(part))
            packed.putColumns(unpackColumns(page), isConfirmed ? bits.confirmed : 0)
          put.put(part.map((one) => (isConfirmed ? { ...one, isConfirmed } : one)))
        }
        expect([...packed].map(plain)).toEqual([...put].map(plain))
      }),
      { numRuns: 200 },
    )
  })

  test('grows past any number of records, in any order', () => {
    const uids = Array.from({ length: 5000 }, (_, at) => ((at * 7919) % 5000) + 1)
    const made = (sourceUid: number): LedgerRecord => ({
      ...{ sourceUid, targetUid: sourceUid + 9, outcome: 'copied', isVanished: false, isRemoved: false },
      ...{ sizeBytes: sourceUid * 3, flags: [], fingerprint: new Uint8Array(16).fill(sourceUid % 251), sha256: null },
    })
    const ledger = new FolderLedger(uids.map(made))
    expect([...ledger].map(({ sourceUid }) => sourceUid)).toEqual(uids.toSorted((a, b) => a - b))
    for (const uid of uids) expect(ledger.get(uid)).toEqual(known(made(uid)))
  })

  test('hands out copies: a record that was taken out stays as it was', () => {
    const fingerprint = new Uint8Array(16).fill(1)
    const first: LedgerRecord = {
      ...{ sourceUid: 1, targetUid: 2, outcome: 'copied', isVanished: false, isRemoved: false },
      ...{ sizeBytes: 5, flags: ['\\Seen'], fingerprint, sha256: null },
    }
    const ledger = new FolderLedger([first])
    const taken = ledger.get(1)
    ledger.put([{ ...first, fingerprint: new Uint8Array(16).fill(9), flags: [] }])
    expect([taken?.fingerprint?.[0], taken?.flags.length, ledger.get(1)?.fingerprint?.[0]]).toEqual([1, 1, 9])
  })

  test('may be changed while its records are gone through', () => {
    const ledger = new FolderLedger(model(fc.sample(records, 1)[0] ?? []))
    let visited = 0
    const size = ledger.size
    for (const one of ledger) {
      visited += 1
      ledger.put([
        { ...one, isVanished: true },
        { ...one, sourceUid: one.sourceUid + 2 ** 33 },
      ])
    }
    expect([visited, ledger.size]).toEqual([size, size * 2])
  })

  test.each([
    ['copied', false, true],
    ['adopted', false, true],
    ['copied', true, false],
    ['skipped', false, false],
    ['failed', false, false],
  ] as const)('a record that is %s (removed: %p) has a copy: %p', (outcome, isRemoved, has) => {
    expect(hasCopy({ outcome, isRemoved })).toBe(has)
  })
})
