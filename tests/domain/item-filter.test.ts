import { expect, test } from 'bun:test'
import { type CopyRules, defaultCopyRules } from '../../src/domain/batch-settings.ts'
import { itemFilter } from '../../src/domain/item-filter.ts'

const item = (receivedAt: string | null, sizeBytes = 10, flags: readonly string[] = []) => ({
  uid: 1,
  receivedAt,
  sizeBytes,
  flags,
})
const filter = (rules: Partial<CopyRules>) => itemFilter({ ...defaultCopyRules, ...rules })
const noon = Date.UTC(2020, 0, 2, 12)

test('mail is received from a moment on, and before another', () => {
  const { excludes } = filter({ receivedFrom: noon, receivedBefore: noon + 60_000 })
  expect(excludes(item(' 2-Jan-2020 11:59:59 +0000'))).toBe(true)
  expect(excludes(item(' 2-Jan-2020 12:00:00 +0000'))).toBe(false)
  expect(excludes(item(' 2-Jan-2020 13:00:59 +0100'))).toBe(false)
  expect(excludes(item(' 2-Jan-2020 12:01:00 +0000'))).toBe(true)
})

test('mail without a date that can be read is not taken for old', () => {
  expect(filter({ receivedFrom: noon }).excludes(item(null))).toBe(false)
})

test('what is larger stays, what is as large moves', () => {
  const { excludes } = filter({ itemBytesMax: 100 })
  expect([excludes(item(null, 100)), excludes(item(null, 101))]).toEqual([false, true])
})

test('mail marked as deleted stays where it shall', () => {
  expect(filter({ copiesDeleted: false }).excludes(item(null, 1, ['\\DELETED']))).toBe(true)
  expect(filter({}).excludes(item(null, 1, ['\\Deleted']))).toBe(false)
})

test('rules have a print of their own, and where everything moves it is empty', () => {
  expect([filter({}).print, filter({}).isActive]).toEqual(['', false])
  const prints = [
    { receivedFrom: 1 },
    { receivedFrom: 2 },
    { receivedBefore: 1 },
    { itemBytesMax: 1 },
    { copiesDeleted: false },
    { duplicates: 'leave' },
  ] satisfies Partial<CopyRules>[]
  expect(new Set(prints.map((rules) => filter(rules).print)).size).toBe(prints.length)
})
