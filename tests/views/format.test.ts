import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { bytes, count, counted, dateTime, duration, folderPath, percent, percentText } from '../../views/format.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [4249, '4.2 kB'],
  [12_345_678, '12 MB'],
  [118e9, '118 GB'],
  [2.5e15, '2.5 PB'],
])('%d bytes are %s', (value, text) => expect(bytes(value)).toBe(text))

test.each([
  [0, '0 ms'],
  [320, '320 ms'],
  [1500, '1.5 s'],
  [59_990, '59.9 s'],
  [60_000, '1 min'],
  [3_725_000, '1 h 2 min'],
  [86_400_000, '1 d'],
  [90_000_000, '1 d 1 h'],
])('%d ms are %s', (value, text) => expect(duration(value)).toBe(text))

describe('percents', () => {
  test('are full only when all is done', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (part, more) => {
        const share = percent(part, part + more)
        if (part + more === 0) expect(share).toBeNull()
        else expect(share === 100).toBe(more === 0)
      }),
    )
  })

  test('stay between nothing and all, whatever a server counts', () => {
    expect([percent(7, 5), percent(-1, 5), percentText(0, 0), percentText(1, 3)]).toEqual([100, 0, '–', '33 %'])
  })
})

test('figures are grouped, words follow their number', () => {
  expect([count(1_234_567), counted(1, 'mailbox', 'mailboxes'), counted(2000, 'message')]).toEqual([
    '1,234,567',
    '1 mailbox',
    '2,000 messages',
  ])
})

test('moments are told in UTC, folders from the root down', () => {
  expect(dateTime(Date.UTC(2026, 2, 1, 14, 5, 59))).toBe('2026-03-01 14:05 UTC')
  expect(folderPath(['Projects', 'Old'])).toBe('Projects / Old')
})
