import { describe, expect, test } from 'bun:test'
import { findWork } from '../../db/queries/work.ts'
import { Fault } from '../../src/domain/fault.ts'
import type { JobControl } from '../../src/domain/job.ts'
import type { MailboxPair } from '../../src/engine/pass.ts'
import { createEndpointMeters } from '../../src/jobs/endpoint-meters.ts'
import { createKeptSessions } from '../../src/jobs/kept-sessions.ts'
import { type Mailboxes, withMailboxes } from '../../src/jobs/open-mailboxes.ts'
import { sessionKeys } from '../../src/jobs/session-key.ts'
import { createSignInGuard } from '../../src/jobs/sign-in-guard.ts'
import { createBatch } from '../../src/operations/batches.ts'
import { createEndpoint } from '../../src/operations/endpoints.ts'
import { errorOf } from '../support/error-of.ts'
import { handClock } from '../support/hand-clock.ts'
import { handTimers } from '../support/hand-timers.ts'
import { memoryServers } from '../support/memory-connector.ts'
import { newHost, oldHost, userCsv } from '../support/test-app.ts'
import { testContext } from '../support/test-context.ts'

type Control = Pick<JobControl, 'signal' | 'reached' | 'spare'>

/** Jobs of one user, whose mailboxes are in memory. */
async function world() {
  const at = await testContext()
  const { context } = at
  await createEndpoint(context, { name: 'old', host: oldHost, security: 'ssl' })
  await createEndpoint(context, { name: 'new', host: newHost, security: 'ssl' })
  await createBatch(context, { name: 'Sales', sourceEndpoint: 'old', targetEndpoint: 'new', csv: userCsv(['ann']) })
  const clock = handClock()
  const servers = memoryServers()
  const kept = createKeptSessions({ clock, timers: handTimers(clock), keptMax: 10 })
  const jobs = {
    connectors: { imap: servers.connector },
    vault: context.vault,
    guard: createSignInGuard(clock),
    kept,
    meters: createEndpointMeters({ clock, timers: handTimers(clock), moved: [], write: async () => undefined }),
    sessionKey: sessionKeys(new Uint8Array(32)),
  }
  const spares = { given: 0, back: 0, left: Number.POSITIVE_INFINITY }
  const control = (changes: Partial<Control> = {}): Control => ({
    signal: new AbortController().signal,
    reached: () => undefined,
    async spare() {
      if (spares.given - spares.back >= spares.left) return null
      spares.given += 1
      return () => {
        spares.back += 1
      }
    },
    ...changes,
  })
  const pass = async <T>(
    use: (mailboxes: Mailboxes) => Promise<T>,
    { isLast = false, ...changes }: Partial<Control> & { readonly isLast?: boolean } = {},
  ): Promise<T> => {
    const work = await findWork(context.db, 1)
    if (!work) throw new Error('There is no user')
    return await withMailboxes(jobs, work, control(changes), use, isLast)
  }
  return {
    pass,
    kept,
    clock,
    spares,
    old: servers.server(oldHost),
    new: servers.server(newHost),
    source: servers.mailbox(oldHost, 'ann'),
    target: servers.mailbox(newHost, 'ann@new.example'),
    [Symbol.asyncDispose]: () => at[Symbol.asyncDispose](),
  }
}

/** What every pass begins with. */
const look = async ({ source, target }: MailboxPair) => {
  await Promise.all([source.listFolders(), target.listFolders()])
}

describe('two passes over one mailbox', () => {
  test('sign in once, and look at the folders once each', async () => {
    await using at = await world()
    await at.pass(look)
    await at.pass(async (mailboxes) => {
      await look(mailboxes)
      expect(at.source.log).toEqual(['LIST', 'LIST'])
      await mailboxes.source.listFolders()
    })
    expect(at.source.log).toEqual(['LIST', 'LIST', 'LIST'])
    expect([at.old.tries.length, at.new.tries.length]).toEqual([1, 1])
    expect(at.kept.count).toBe(2)
  })

  test('sign in anew when the server has ended the session meanwhile, and nobody hears of it', async () => {
    await using at = await world()
    await at.pass(look)
    at.old.cut()
    expect(await at.pass(look)).toBeUndefined()
    expect([at.old.tries.length, at.new.tries.length]).toEqual([2, 1])
    expect(at.old.sessions.open).toBe(1)
  })

  test('sign in anew when the session ends at its first command', async () => {
    await using at = await world()
    await at.pass(look)
    let isCut = false
    at.source.tick = () => {
      if (isCut) return
      isCut = true
      throw new Fault('connect.dropped', 'The connection was cut')
    }
    await at.pass(look)
    expect(at.old.tries.length).toBe(2)
  })

  test('tell of a sign-in that fails then', async () => {
    await using at = await world()
    await at.pass(look)
    at.old.cut()
    at.old.passwords.set('ann', 'changed')
    expect(await errorOf(at.pass(look))).toMatchObject({ code: 'sign-in.refused', side: 'source' })
    expect(at.old.sessions.open + at.new.sessions.open).toBe(0)
  })

  test('are found out to be the last one', async () => {
    await using at = await world()
    await at.pass(look)
    await at.pass(look, { isLast: true })
    expect(at.old.sessions.open + at.new.sessions.open).toBe(0)
  })
})

describe('a session is not kept', () => {
  test.each(['connect.dropped', 'append.over-quota', 'server.throttled', 'lease.lost'] as const)(
    'after the fault %s',
    async (code) => {
      await using at = await world()
      const fault = new Fault(code, 'No')
      expect(await errorOf(at.pass(() => Promise.reject(fault)))).toBe(fault)
      expect([at.kept.count, at.old.sessions.open, at.new.sessions.open]).toEqual([0, 0, 0])
    },
  )

  test('after a mistake of our own', async () => {
    await using at = await world()
    await errorOf(at.pass(() => Promise.reject(new TypeError('x'))))
    expect(at.old.sessions.open).toBe(0)
  })

  test('when the job is aborted, which cuts it', async () => {
    await using at = await world()
    await at.pass(look)
    const abort = new AbortController()
    const pass = async ({ source }: Mailboxes) => {
      await source.listFolders()
      abort.abort(new Fault('cancelled', 'Halt'))
      expect(await errorOf(source.listFolders())).toMatchObject({ code: 'connect.dropped' })
    }
    await at.pass(pass, { signal: abort.signal })
    expect([at.kept.count, at.old.sessions.open, at.new.sessions.open]).toEqual([0, 0, 0])
  })
})

test('a session is kept after the fault of a folder', async () => {
  await using at = await world()
  await errorOf(at.pass(() => Promise.reject(new Fault('folder.missing', 'Gone'))))
  expect(at.kept.count).toBe(2)
})

test('a session that is kept does not hear the job that had it any more', async () => {
  await using at = await world()
  const abort = new AbortController()
  await at.pass(look, { signal: abort.signal })
  abort.abort(new Fault('cancelled', 'Too late'))
  await at.pass(look)
  expect(at.old.tries.length).toBe(1)
})

describe('a further pair', () => {
  test('is one pair of sessions more, which ends with whoever asked for it and is not kept', async () => {
    await using at = await world()
    await at.pass(async ({ openPair }) => {
      const pair = await openPair()
      expect([at.old.sessions.open, at.new.sessions.open]).toEqual([2, 2])
      expect(await pair?.source.listFolders()).toHaveLength(1)
      expect(await openPair()).toBeNull()
      await pair?.source[Symbol.asyncDispose]()
      expect(at.spares).toMatchObject({ given: 1, back: 0 })
      await pair?.target[Symbol.asyncDispose]()
      expect(at.spares).toMatchObject({ given: 1, back: 1 })
      expect([at.old.sessions.open, at.new.sessions.open]).toEqual([1, 1])
      expect(await openPair()).not.toBeNull()
    })
    expect(at.spares).toMatchObject({ given: 2, back: 2 })
    expect([at.kept.count, at.old.sessions.open, at.new.sessions.open]).toEqual([2, 1, 1])
  })

  test('there are three more where each message waits for its answer', async () => {
    await using at = await world()
    at.target.traits = { ...at.target.traits, waitsForEachItem: true }
    await at.pass(async ({ openPair }) => {
      const pairs = await Promise.all([openPair(), openPair(), openPair(), openPair()])
      expect(pairs.map((pair) => pair !== null)).toEqual([true, true, true, false])
    })
    expect(at.old.sessions.open).toBe(1)
  })

  test('is not asked of the servers where no connection is to spare', async () => {
    await using at = await world()
    at.spares.left = 0
    expect(await at.pass(({ openPair }) => openPair())).toBeNull()
    expect(at.old.tries.length).toBe(1)
  })

  test('that one server refuses is nobody’s fault; it is not asked again for ten minutes', async () => {
    await using at = await world()
    await at.pass(async ({ openPair }) => {
      at.new.fault = new Fault('server.limit', 'Too many connections')
      expect(await openPair()).toBeNull()
      expect(at.spares).toMatchObject({ given: 1, back: 1 })
      expect([at.old.sessions.open, at.new.sessions.open]).toEqual([1, 1])
      at.new.fault = null
      at.clock.advance(10 * 60_000 - 1)
      expect(await openPair()).toBeNull()
      expect(at.new.tries.length).toBe(2)
      at.clock.advance(1)
      expect(await openPair()).not.toBeNull()
    })
  })

  test('that is still being opened when the pass ends is not left open', async () => {
    await using at = await world()
    const gate = Promise.withResolvers<void>()
    let opening: Promise<MailboxPair | null> = Promise.resolve(null)
    await at.pass(async ({ openPair }) => {
      at.old.gate = gate.promise
      opening = openPair()
      while (at.new.sessions.open < 2) await Promise.resolve()
    })
    gate.resolve()
    expect(await opening).toBeNull()
    expect([at.old.sessions.open, at.new.sessions.open]).toEqual([1, 1])
    expect(at.spares).toMatchObject({ given: 1, back: 1 })
  })

  test('is cut with the job', async () => {
    await using at = await world()
    const abort = new AbortController()
    await at.pass(
      async ({ openPair }) => {
        const pair = await openPair()
        abort.abort(new Fault('cancelled', 'Halt'))
        expect(await errorOf(pair?.source.listFolders() ?? Promise.resolve())).toMatchObject({
          code: 'connect.dropped',
        })
      },
      { signal: abort.signal },
    )
    expect([at.old.sessions.open, at.new.sessions.open]).toEqual([0, 0])
    expect(at.spares).toMatchObject({ given: 1, back: 1 })
  })
})
