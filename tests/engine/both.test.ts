import { expect, test } from 'bun:test'
import { both } from '../../src/engine/both.ts'
import { errorOf } from '../support/error-of.ts'

test('both are given together', async () => {
  expect(await both(Promise.resolve(1), Promise.resolve('two'))).toEqual([1, 'two'])
})

test('a failure is told when the other side has come to its end too', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  let isTold = false
  const failed = errorOf(both(Promise.reject(new Error('left')), promise)).then((error) => {
    isTold = true
    return error
  })
  await new Promise((next) => setImmediate(next))
  expect(isTold).toBe(false)
  resolve()
  expect(String(await failed)).toContain('left')
})

test('of two failures the first side is told', async () => {
  expect(String(await errorOf(both(Promise.reject(new Error('left')), Promise.reject(new Error('right')))))).toContain(
    'left',
  )
})
