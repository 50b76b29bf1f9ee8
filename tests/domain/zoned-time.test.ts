import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { isTimeZone, readMoment, wallTime } from '../../src/domain/zoned-time.ts'

const utc = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString().replace('.000', ''))

test.each([
  ['2027-01-15 10:00', 'Europe/Berlin', '2027-01-15T09:00:00Z'],
  ['2027-07-15T10:00:30', 'Europe/Berlin', '2027-07-15T08:00:30Z'],
  ['2027-07-15', 'America/New_York', '2027-07-15T04:00:00Z'],
  ['2027-07-15 10:00+02:00', 'America/New_York', '2027-07-15T08:00:00Z'],
  ['2027-07-15T10:00:00.500Z', 'America/New_York', '2027-07-15T10:00:00Z'],
  ['2027-07-15 10:00', 'Asia/Kathmandu', '2027-07-15T04:15:00Z'],
  // The clocks of Berlin go from 02:00 to 03:00 on 28 March 2027, those of New York on 14 March.
  ['2027-03-28 01:59:59', 'Europe/Berlin', '2027-03-28T00:59:59Z'],
  ['2027-03-28 02:00', 'Europe/Berlin', '2027-03-28T01:00:00Z'],
  ['2027-03-28 02:30', 'Europe/Berlin', '2027-03-28T01:00:00Z'],
  ['2027-03-28 03:00', 'Europe/Berlin', '2027-03-28T01:00:00Z'],
  ['2027-03-14 02:30', 'America/New_York', '2027-03-14T07:00:00Z'],
  // And back from 03:00 to 02:00 on 31 October: the first of both is meant.
  ['2027-10-31 02:30', 'Europe/Berlin', '2027-10-31T00:30:00Z'],
  ['2027-10-31 03:00', 'Europe/Berlin', '2027-10-31T02:00:00Z'],
  ['2027-11-07 01:30', 'America/New_York', '2027-11-07T05:30:00Z'],
  // Lord Howe jumps by half an hour.
  ['2027-10-03 02:15', 'Australia/Lord_Howe', '2027-10-02T15:30:00Z'],
])('%s in %s is %s', (text, zone, expected) => expect(utc(readMoment(text, zone))).toBe(expected))

test.each(['', 'tomorrow', '2027-02-30', '2027-13-01', '2027-01-01 24:00', '2027-01-01 10:60', '28.3.2027 02:30'])(
  '%s is no time',
  (text) => expect(readMoment(text, 'UTC')).toBeNull(),
)

test('what the clocks show is read as the moment at which they show it, in every zone', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Pacific/Apia']
  const second = fc.integer({ min: Date.UTC(2000, 0) / 1000, max: Date.UTC(2050, 0) / 1000 })
  fc.assert(
    fc.property(fc.constantFrom(...zones), second, (zone, seconds) => {
      const shown = wallTime(seconds * 1000, zone)
      const read = readMoment(shown, zone) ?? 0
      // An hour that comes twice is read as the first of both.
      expect(wallTime(read, zone)).toBe(shown)
      expect(seconds * 1000 - read === 0 || Math.abs(seconds * 1000 - read) <= 3_600_000).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('a zone is known by its IANA name', () => {
  expect(['Europe/Berlin', 'UTC', 'Mars/Olympus', ''].map(isTimeZone)).toEqual([true, true, false, false])
})
