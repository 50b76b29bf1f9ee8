import { expect, test } from 'bun:test'
import { fileOf, limitOf, spanOf, spanText } from '../../src/cmdlets/given.ts'
import { guidOf, idOrName } from '../../src/cmdlets/guid.ts'

const dayMs = 86_400_000

test.each([
  ['1.00:00:00', dayMs],
  ['24', 24 * dayMs],
  ['0', 0],
  ['02:30', 9_000_000],
  ['12.03:04:05', 12 * dayMs + 11_045_000],
])('the span %s is %d ms', (text, ms) => expect(spanOf({ ReportInterval: text }, 'ReportInterval')).toBe(ms))

test.each(['24:00:00', '1:60', 'a day', '-1.00:00:00', ''])('%s is no span', (text) =>
  expect(() => spanOf({ ReportInterval: text }, 'ReportInterval')).toThrow('-ReportInterval takes a span'),
)

test('a span is written as it is read', () => {
  for (const ms of [0, 1000, 59_000, dayMs - 1000, dayMs, 100 * dayMs + 3_661_000])
    expect(spanOf({ Gap: spanText(ms) }, 'Gap')).toBe(ms)
  expect(spanText(dayMs + 1000)).toBe('1.00:00:01')
})

test('Unlimited is no limit, and what was not given is neither', () => {
  expect([
    limitOf({ L: 'unlimited' }, 'L'),
    limitOf({ L: 0 }, 'L'),
    limitOf({ L: '7' }, 'L'),
    limitOf({}, 'L'),
  ]).toEqual([null, 0, 7, undefined])
})

test('a file travels as Base64', () => {
  expect(fileOf({ CSVData: 'RW1haWxBZGRyZXNz' }, 'CSVData')).toEqual(new TextEncoder().encode('EmailAddress'))
})

test('a Guid finds the id that it was made of, of its own kind only', () => {
  const guid = guidOf('batch', 50_000)
  expect(guid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(idOrName('batch', guid.toUpperCase())).toBe(50_000)
  expect(idOrName('batch', `{${guid}}`)).toBe(50_000)
  expect(idOrName('user', guid)).toBe(guid)
  expect(idOrName('batch', 'Sales')).toBe('Sales')
})
