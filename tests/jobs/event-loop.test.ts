import { expect, setDefaultTimeout, test } from 'bun:test'
import { startBatch, syncBatchNow } from '../../src/operations/batches.ts'
import { mail } from '../engine/harness.ts'
import { testApp } from '../support/test-app.ts'
import { watchTurns } from '../support/watch-turns.ts'

setDefaultTimeout(60_000)

/** A server answers in its own turn; in memory all would be one. */
const inTurns = (step: string) =>
  step === 'APPEND' || step === 'UID FETCH BODY' ? new Promise<void>((resolve) => setImmediate(resolve)) : undefined

test('nobody waits long for the event loop while a large folder is copied, and looked through again', async () => {
  await using world = await testApp()
  const messages = 6_000
  const source = world.source('ann')
  for (let number = 0; number < messages; number += 1) source.deliver('INBOX', mail(`message ${number}`))
  source.tick = inTurns
  world.target('ann').tick = inTurns
  const id = await world.batch(['ann'])
  const turns = watchTurns()
  await startBatch(world.app.context, id)
  await world.until(id, 'synced')
  source.deliver('INBOX', mail('one more'))
  await syncBatchNow(world.app.context, id)
  await world.until(id, 'synced')
  expect(turns.end()).toBeLessThan(100)
  expect(world.target('ann').folder('INBOX').items).toHaveLength(messages + 1)
})
