import { describe, expect, test } from 'bun:test'
import type { Folder } from '../../src/domain/mail.ts'
import { defaultRules, type PassContext } from '../../src/engine/pass.ts'
import { errorOf } from '../support/error-of.ts'
import { MemoryMailbox, type MemorySession } from '../support/memory-mailbox.ts'
import { MemorySyncStore, mail, pair, runPass, unique } from './harness.ts'

const poison = mail('Poison')

interface World {
  readonly source: MemoryMailbox
  readonly target: MemoryMailbox
  readonly store: MemorySyncStore
}

function filled(folders: number, items: number): World {
  const world = { source: new MemoryMailbox(), target: new MemoryMailbox(), store: new MemorySyncStore() }
  for (let at = 0; at < folders; at += 1) {
    for (let n = 0; n < items; n += 1) world.source.deliver(at === 0 ? 'INBOX' : `Folder ${at}`, unique())
  }
  return world
}

const run = ({ source, target, store }: World, changes: Partial<PassContext> = {}) =>
  runPass(source, target, store, changes)

/** Gives up to so many pairs more; tells which session appended to which folder. */
function pairsOf(world: World, pairsMax: number) {
  const writers = new Map<string, Set<MemorySession>>()
  const watched = (): MemorySession => {
    const session = world.target.open()
    const append = session.append.bind(session)
    session.append = (folder: Folder, ...rest) => {
      writers.set(folder.name, (writers.get(folder.name) ?? new Set()).add(session))
      return append(folder, ...rest)
    }
    return session
  }
  let given = 0
  return {
    writers,
    target: watched(),
    rules: { ...defaultRules, itemsPerPairMin: 1 },
    async openPair() {
      given += 1
      return given > pairsMax ? null : { source: world.source.open(), target: watched() }
    },
    get given() {
      return given
    },
  }
}

describe('pairs of connections', () => {
  test('share the folders of a mailbox, each folder belongs to one', async () => {
    const world = filled(14, 150)
    const pairs = pairsOf(world, 2)
    const report = await run(world, pairs)
    expect(report.counts).toMatchObject({ source: 2100, copied: 2100, failed: 0 })
    expect(world.target.contents()).toEqual(world.source.contents())
    expect([...pairs.writers.values()].map((sessions) => sessions.size)).toEqual(Array(14).fill(1))
    expect(new Set([...pairs.writers.values()].flatMap((sessions) => [...sessions])).size).toBe(3)
  })

  test('are not asked for where there is little to do', async () => {
    const world = filled(8, 150)
    const pairs = pairsOf(world, 2)
    await run(world, { ...pairs, rules: { ...defaultRules, itemsPerPairMin: 700 } })
    expect(pairs.given).toBe(0)
  })

  test('are asked for where there are few messages, but large ones, and some are left for them', async () => {
    const world = filled(4, 3)
    const pairs = pairsOf(world, 1)
    await run(world, { ...pairs, rules: { ...defaultRules, bytesPerPairMin: 100 } })
    expect(world.target.contents()).toEqual(world.source.contents())
    expect([pairs.given, new Set([...pairs.writers.values()].flatMap((sessions) => [...sessions])).size]).toEqual([
      2, 2,
    ])
  })

  test('an error of our own in opening one ends the pass when all has come to rest', async () => {
    const world = filled(4, 300)
    const openPair = async () => {
      throw new TypeError('Oops')
    }
    expect(await errorOf(run(world, { openPair }))).toBeInstanceOf(TypeError)
    const settled = world.target.log.length
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(world.target.log.length).toBe(settled)
  })

  test('one that cannot be had is done without', async () => {
    const world = filled(4, 5)
    await run(world, pairsOf(world, 0))
    expect(world.target.contents()).toEqual(world.source.contents())
  })

  test('the failure of one ends the pass, and the next pass copies the rest', async () => {
    const world = filled(6, 170)
    const pairs = pairsOf(world, 1)
    const openPair = async () => {
      const more = await pairs.openPair()
      more?.source.destroy()
      return more
    }
    expect(await errorOf(run(world, { ...pairs, openPair }))).toMatchObject({ code: 'connect.dropped' })
    expect((await run(world)).counts).toMatchObject({ source: 1020, failed: 0 })
    expect(world.target.contents()).toEqual(world.source.contents())
  })
})

describe('a source that drops the connection at one message', () => {
  test('throws suspicion on that one only, though others were asked for with it', async () => {
    const world = filled(4, 3)
    world.source.deliver('Folder 2', poison)
    world.source.deliver('Folder 2', unique())
    world.source.traits = { ...world.source.traits, dropsAt: (bytes) => Buffer.from(bytes).toString() === poison }
    for (const attempts of [1, 2]) {
      expect(await errorOf(run(world))).toMatchObject({ code: 'connect.dropped' })
      const suspects = (await world.store.folders(pair)).filter(({ suspect }) => suspect)
      expect(suspects.map(({ source, suspect }) => [source.name, suspect])).toEqual([
        ['Folder 2', { uid: 4, attempts }],
      ])
    }
    expect((await run(world)).counts).toMatchObject({ source: 14, copied: 13, skipped: 1 })
    expect(await world.store.issues(pair)).toMatchObject([{ folderPath: ['Folder 2'], sourceUid: 4 }])
    expect(world.target.contents()).toEqual(world.source.contents().filter((text) => !text.includes('Poison')))
  })

  test('is asked for it again when no other folder is under way, whose failure would be taken for that of the message', async () => {
    const world = filled(4, 3)
    world.source.deliver('Folder 2', poison)
    world.source.traits = { ...world.source.traits, dropsAt: (bytes) => Buffer.from(bytes).toString() === poison }
    expect(await errorOf(run(world))).toMatchObject({ code: 'connect.dropped' })
    const steps: string[] = []
    const [source, target] = [world.source.open(), world.target.open()]
    const [fetch, survey] = [source.fetch.bind(source), target.survey.bind(target)]
    source.fetch = (folder, uids) => {
      steps.push(`fetch ${folder.name}`)
      return fetch(folder, uids)
    }
    target.survey = async (folder, fromUid) => {
      const found = await survey(folder, fromUid)
      steps.push(`finish ${folder.name}`)
      return found
    }
    expect(await errorOf(run(world, { source, target }))).toMatchObject({ code: 'connect.dropped' })
    const others = ['INBOX', 'Folder 1', 'Folder 3'].map((name) => `finish ${name}`)
    const before = steps.slice(0, steps.indexOf('fetch Folder 2'))
    expect(before.filter((step) => others.includes(step)).toSorted()).toEqual(others.toSorted())
  })
})
