import { describe, expect, test } from 'bun:test'
import { isBalanced } from '../../src/domain/sync-state.ts'
import { type MailboxTraits, MemoryMailbox } from '../support/memory-mailbox.ts'
import { MemorySyncStore, mail, runPass } from './harness.ts'

class Death extends Error {}

/** A world of two mailboxes and a store, in which the process can die at the n-th step of anything. */
interface World {
  readonly source: MemoryMailbox
  readonly target: MemoryMailbox
  readonly store: MemorySyncStore
}

function begin(traits: Partial<MailboxTraits>): World {
  const world = { source: new MemoryMailbox(), target: new MemoryMailbox(traits), store: new MemorySyncStore() }
  for (let n = 0; n < 11; n += 1) world.source.deliver('INBOX', mail(`In ${n}`, 'x'.repeat(n * 9)), ['Work'])
  for (let n = 0; n < 4; n += 1) world.source.deliver('Lists', mail(`List ${n}`, 'y'.repeat(n * 5)))
  world.source.deliver('INBOX', mail('Twin'))
  world.source.deliver('INBOX', mail('Twin'))
  world.target.deliver('INBOX', mail('In 3', 'x'.repeat(27)), [], '01-Jan-2026 10:00:00 +0000')
  return world
}

/** All that can happen between two passes. */
async function live(world: World): Promise<void> {
  const { source, target } = world
  source.deliver('INBOX', mail('New'))
  source.deliver('Later', mail('Newer'))
  source.setFlags('INBOX', 1, ['\\Seen', 'Work'])
  source.moveItem('INBOX', 2, 'Lists')
  source.moveItem('Lists', 1, 'Other')
  source.expunge('INBOX', 5)
  target.deliver('INBOX', mail('Foreign'))
}

/** Runs passes until one ends; the first dies at step `dieAt`. Returns false when it never got so far. */
async function runDying(world: World, dieAt: number): Promise<boolean> {
  let steps = 0
  let hasDied = false
  let isOver = false
  const tick = () => {
    steps += 1
    // Other folders are under way meanwhile: the dead do nothing any more.
    if (steps < dieAt || isOver) return
    hasDied = true
    throw new Death(`Died at step ${dieAt}`)
  }
  for (const part of [world.source, world.target, world.store]) part.tick = tick
  const report = await runPass(world.source, world.target, world.store).catch((error: unknown) => {
    if (!hasDied) throw error
    return null
  })
  isOver = true
  if (!report || report.fault) {
    const again = await runPass(world.source, world.target, world.store)
    expect([again.fault, isBalanced(again.counts), again.counts.failed]).toEqual([null, true, 0])
  }
  for (const part of [world.source, world.target, world.store]) part.tick = () => {}
  return hasDied
}

const servers: readonly (readonly [string, Partial<MailboxTraits>])[] = [
  ['an able target', {}],
  ['a target without UIDPLUS', { tellsUids: false }],
  ['a target without MOVE', { canMove: false }],
]

describe.each(servers)('dying at every step, with %s', (_, traits) => {
  test('of a first pass loses nothing and doubles nothing', async () => {
    const expected = begin(traits)
    await runPass(expected.source, expected.target, expected.store)
    let steps = 0
    for (let dieAt = 1; ; dieAt += 1) {
      const world = begin(traits)
      if (!(await runDying(world, dieAt))) break
      expect({ dieAt, contents: world.target.contents() }).toEqual({ dieAt, contents: expected.target.contents() })
      steps = dieAt
    }
    expect(steps).toBeGreaterThan(30)
  })

  test('of a second pass loses nothing and doubles nothing', async () => {
    const expected = begin(traits)
    await runPass(expected.source, expected.target, expected.store)
    await live(expected)
    await runPass(expected.source, expected.target, expected.store)
    let steps = 0
    for (let dieAt = 1; ; dieAt += 1) {
      const world = begin(traits)
      await runPass(world.source, world.target, world.store)
      await live(world)
      if (!(await runDying(world, dieAt))) break
      expect({ dieAt, contents: world.target.contents() }).toEqual({ dieAt, contents: expected.target.contents() })
      const idle = await runPass(world.source, world.target, world.store)
      expect([dieAt, idle.copiedNow, idle.movedNow]).toEqual([dieAt, 0, 0])
      steps = dieAt
    }
    expect(steps).toBeGreaterThan(30)
  })
})
