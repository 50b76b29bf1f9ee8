import { expect, test } from 'bun:test'
import { instantOf } from '../../src/domain/received-at.ts'

test.each([
  ['17-Jul-1996 02:44:25 -0700', Date.UTC(1996, 6, 17, 9, 44, 25)],
  [' 7-Feb-2026 00:00:00 +0530', Date.UTC(2026, 1, 6, 18, 30, 0)],
  ['01-jan-1970 00:00:00 +0000', 0],
  ['01-Foo-1970 00:00:00 +0000', null],
  ['1970-01-01', null],
  [null, null],
])('%p is %p', (text, instant) => {
  expect(instantOf(text)).toBe(instant)
})
