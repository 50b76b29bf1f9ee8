import { expect, test } from 'bun:test'
import { createOutput } from '../../src/cli/output.ts'
import { followBatch } from '../../src/cli/watch.ts'
import { batchStatuses } from '../../src/domain/status.ts'
import { recordedShell } from './recorded-shell.ts'

const batch = (status: string, synced: number) => ({
  name: 'Sales',
  status,
  counts: { total: 2, synced, active: 2 - synced },
})

/** A watch that sees these in turn. */
async function watched(...seen: readonly ReturnType<typeof batch>[]) {
  const shell = recordedShell()
  let at = 0
  const read = async () => seen[Math.min(at++, seen.length - 1)] ?? batch('synced', 2)
  const exit = await followBatch(read, createOutput(shell, 'ndjson'), async () => {})
  const events = shell
    .out()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  return { exit, reads: at, statuses: events.map(({ status }) => status), err: shell.err() }
}

test('a watch tells each change once, and ends when the batch rests', async () => {
  const { exit, reads, statuses, err } = await watched(
    ...[batch('syncing', 0), batch('syncing', 0), batch('syncing', 1), batch('synced', 2)],
  )
  expect([exit, reads]).toEqual(['done', 4])
  expect(statuses).toEqual(['syncing', 'syncing', 'synced'])
  expect(err).toBe('Sales: synced, 2 of 2 mailboxes done, 0 under way, 0 failed\n')
})

test.each([
  ['syncedWithErrors', 'partial'],
  ['failed', 'partial'],
  ['needsApproval', 'needsApproval'],
  ['completed', 'done'],
  ['stopped', 'done'],
  ['somethingNew', 'unexpected'],
] as const)('a watch that sees %s ends as %s', async (status, exit) =>
  expect((await watched(batch(status, 0))).exit).toBe(exit),
)

test('every status that is not moving ends a watch', async () => {
  const moving = ['syncing', 'incrementalSyncing', 'completing', 'stopping', 'removing']
  for (const status of batchStatuses.filter((known) => !moving.includes(known)))
    expect((await watched(batch(status, 0))).reads).toBe(1)
})
