import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { packRecords } from '../../src/domain/ledger.ts'
import { pageRecordsMax, unpackPage } from '../../src/domain/ledger-page.ts'
import { type KnownRecord, type LedgerRecord, outcomes } from '../../src/domain/sync-state.ts'

const hash = (length: number) => fc.option(fc.uint8Array({ minLength: length, maxLength: length }), { nil: null })

const knownRecord: fc.Arbitrary<KnownRecord> = fc.record({
  sourceUid: fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 2 ** 33 })),
  targetUid: fc.option(fc.integer({ min: 1, max: 2 ** 32 - 1 }), { nil: null }),
  outcome: fc.constantFrom(...outcomes),
  isVanished: fc.boolean(),
  isRemoved: fc.boolean(),
  isConfirmed: fc.boolean(),
  sizeBytes: fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.maxSafeNat()),
  flags: fc.array(fc.constantFrom('\\Seen', '\\Flagged', '$Forwarded', 'Büro', 'A', ''), { maxLength: 4 }),
  fingerprint: hash(16),
  sha256: hash(32),
})

const copied = (sourceUid: number): LedgerRecord => ({
  sourceUid,
  targetUid: sourceUid + 7,
  outcome: 'copied',
  isVanished: false,
  isRemoved: false,
  sizeBytes: 3000 + ((sourceUid * 7919) % 60_000),
  flags: sourceUid % 3 === 0 ? ['\\Seen'] : [],
  fingerprint: createHash('sha256').update(`f${sourceUid}`).digest().subarray(0, 16),
  sha256: createHash('sha256').update(`${sourceUid}`).digest(),
})

const firstPage = (records: readonly LedgerRecord[]): Uint8Array => {
  const [page] = packRecords(records)
  if (page === undefined) throw new Error('Cannot test without a page')
  return page.page
}

/** A page whose checksum holds, whatever its content says. */
const sealed = (content: Uint8Array): Uint8Array =>
  Buffer.concat([content, createHash('sha256').update(content).digest().subarray(0, 8)])

describe('a ledger page', () => {
  test('gives back what was packed, the last record of each source UID, ascending', () => {
    fc.assert(
      fc.property(fc.array(knownRecord, { maxLength: 60 }), (records) => {
        const expected = [...new Map(records.map((record) => [record.sourceUid, record])).values()]
        const found = packRecords(records).flatMap(({ page }) => unpackPage(page))
        expect(found).toEqual(expected.sort((a, b) => a.sourceUid - b.sourceUid))
      }),
      { numRuns: 1000 },
    )
  })

  test('tells what it holds without being unpacked', () => {
    const records = [copied(9), { ...copied(4), isVanished: true }, copied(5)]
    expect(packRecords(records)).toMatchObject([{ records: 3, vanished: 1, uidFirst: 4, uidLast: 9 }])
  })

  test('holds at most 500 records', () => {
    const records = Array.from({ length: 1201 }, (_, index) => copied(index + 1))
    expect(packRecords(records).map((page) => page.records)).toEqual([pageRecordsMax, pageRecordsMax, 201])
  })

  test('costs at most 60 bytes an item, its hash included', () => {
    expect(firstPage(Array.from({ length: 500 }, (_, index) => copied(index + 1))).length / 500).toBeLessThan(60)
  })

  test('refuses a hash of another length and a number which is none', () => {
    expect(() => packRecords([{ ...copied(1), sha256: new Uint8Array(31) }])).toThrow('31 bytes')
    expect(() => packRecords([{ ...copied(1), sizeBytes: -1 }])).toThrow('number -1')
    expect(() => packRecords([{ ...copied(1), sizeBytes: 0.5 }])).toThrow('number 0.5')
  })

  test('cut anywhere raises', () => {
    const page = firstPage([copied(1), copied(2), copied(9)])
    for (let length = 0; length < page.length; length += 1)
      expect(() => unpackPage(page.subarray(0, length))).toThrow(RangeError)
  })

  test('with any bit flipped raises', () => {
    const page = firstPage([copied(1), copied(2)])
    for (let bit = 0; bit < page.length * 8; bit += 1) {
      const damaged = page.slice()
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => unpackPage(damaged)).toThrow('damaged')
    }
  })

  test.each([
    ['an unknown version', [2, 0, 0]],
    ['more records than a page holds', [1, 0xf5, 0x03, 0]],
    ['more kinds than records', [1, 1, 2]],
    ['a run of none', [1, 1, 1, 0, 0, 1, 0]],
    ['a run longer than the page', [1, 1, 1, 0, 0, 1, 2]],
    ['a kind that is not there', [1, 1, 1, 0, 0, 1, 1, 1, 0]],
    ['an outcome that is not there', [1, 1, 1, 7, 0, 1, 1, 0, 0]],
    ['more flags than bytes', [1, 1, 1, 0, 0xff, 0xff, 0xff, 0x7f]],
    ['a flag longer than the bytes', [1, 1, 1, 0, 1, 0xff, 0xff, 0x7f]],
    ['a number too large', [1, 1, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a fingerprint that is not there', [1, 1, 1, 0x80, 0x01, 0, 1, 1, 0, 0]],
    ['bytes left over', [1, 1, 1, 0, 0, 1, 1, 0, 0, 0]],
  ])('with a good checksum and %s raises', (_, content) => {
    expect(() => unpackPage(sealed(Uint8Array.from(content)))).toThrow(RangeError)
  })

  test('made of anything raises or gives whole records', () => {
    const page = firstPage([copied(1), copied(2), copied(700)])
    const content = [...page.subarray(0, page.length - 8)]
    const change = fc.tuple(fc.nat(content.length - 1), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(content.length), (changes, length) => {
        const damaged = Uint8Array.from(content)
        for (const [at, byte] of changes) damaged[at] = byte
        try {
          for (const record of unpackPage(sealed(damaged.subarray(0, length)))) {
            expect(Number.isSafeInteger(record.sourceUid)).toBe(true)
            expect(outcomes).toContain(record.outcome)
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
