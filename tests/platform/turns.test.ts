import { expect, test } from 'bun:test'
import { createTurns } from '../../src/platform/turns.ts'
import { errorOf } from '../support/error-of.ts'

test('work under one key goes one after another, under others meanwhile', async () => {
  const turns = createTurns()
  const log: string[] = []
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const first = turns.take(1, async () => {
    log.push('first begins')
    await gate
    log.push('first ends')
  })
  const second = turns.take(1, async () => void log.push('second'))
  await turns.take(2, async () => void log.push('other'))
  expect(log).toEqual(['first begins', 'other'])
  open()
  await Promise.all([first, second])
  expect(log).toEqual(['first begins', 'other', 'first ends', 'second'])
})

test('a failure is its own, and the next has its turn', async () => {
  const turns = createTurns()
  const failed = turns.take(1, async () => {
    throw new Error('Oops')
  })
  const next = turns.take(1, async () => 'well')
  expect(String(await errorOf(failed))).toBe('Error: Oops')
  expect(await next).toBe('well')
})
