import { describe, expect, test } from 'bun:test'
import { movesAt, type WorkingHours, workingHoursProblem } from '../../src/domain/working-hours.ts'

const nights: WorkingHours = {
  days: [1, 2, 3, 4, 5],
  from: '18:00',
  to: '06:00',
  timeZone: 'Europe/Berlin',
  mailMoves: 'inside',
}
const at = (text: string): number => Date.parse(text)
const shown = (hours: WorkingHours, text: string): string => {
  const { moves, until } = movesAt(hours, at(text))
  return `${moves ? 'moves' : 'rests'} until ${until === null ? 'ever' : new Date(until).toISOString().slice(0, 16)}`
}

describe('working hours', () => {
  // 2027-03-26 is a Friday; the clocks of Berlin go forward on Sunday the 28th, and back on 31 October.
  test.each([
    ['a night in the week', nights, '2027-03-24T20:00:00Z', 'moves until 2027-03-25T05:00'],
    ['the day after it', nights, '2027-03-25T05:00:00Z', 'rests until 2027-03-25T17:00'],
    ['Saturday before six, which is still of Friday', nights, '2027-03-27T04:59:00Z', 'moves until 2027-03-27T05:00'],
    ['a weekend over which the clocks go forward', nights, '2027-03-27T05:00:00Z', 'rests until 2027-03-29T16:00'],
    ['a weekend over which they go back', nights, '2027-10-30T12:00:00Z', 'rests until 2027-11-01T17:00'],
    [
      'the night of which an hour is left out',
      { ...nights, days: [6] },
      '2027-03-27T17:00:00Z',
      'moves until 2027-03-28T04:00',
    ],
    [
      'hours that begin within the hour that is left out',
      { ...nights, days: [7], from: '02:30', to: '04:00' },
      '2027-03-28T00:30:00Z',
      'rests until 2027-03-28T01:00',
    ],
    [
      'the other side of them',
      { ...nights, mailMoves: 'outside' },
      '2027-03-24T20:00:00Z',
      'rests until 2027-03-25T05:00',
    ],
    [
      'days that follow on each other',
      { ...nights, days: [6, 7], from: '00:00', to: '00:00', timeZone: 'UTC' },
      '2027-03-27T10:00:00Z',
      'moves until 2027-03-29T00:00',
    ],
    [
      'all of every day',
      { ...nights, days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '00:00' },
      '2027-03-27T10:00:00Z',
      'moves until ever',
    ],
  ] as const)('in %s', (_, hours, now, expected) => {
    expect(shown(hours, now)).toBe(expected)
  })

  test('change exactly when they say, all through the year', () => {
    for (let now = at('2027-01-01T00:00:00Z'); now < at('2028-01-01T00:00:00Z'); ) {
      const { moves, until } = movesAt(nights, now)
      if (until === null) throw new Error('They always change')
      expect(until).toBeGreaterThan(now)
      expect(movesAt(nights, until - 1).moves).toBe(moves)
      expect(movesAt(nights, until).moves).toBe(!moves)
      now = until
    }
  })

  test.each([
    [{ days: [] }, 'The working hours have no days'],
    [{ days: [0] }, 'A day is a number from 1 to 7'],
    [{ from: '24:00' }, 'A time of day is needed, such as 18:30'],
    [{ timeZone: 'Europe/Atlantis' }, 'There is no time zone "Europe/Atlantis"'],
    [{}, null],
  ])('with %p are told what is wrong', (changes, problem) => {
    expect(workingHoursProblem({ ...nights, ...changes })).toBe(problem)
  })
})
