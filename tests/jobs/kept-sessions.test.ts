import { describe, expect, test } from 'bun:test'
import { createKeptSessions, type KeptSessions, type Place, type SessionOwner } from '../../src/jobs/kept-sessions.ts'
import { handClock } from '../support/hand-clock.ts'
import { handTimers } from '../support/hand-timers.ts'
import { MemoryMailbox, type MemorySession } from '../support/memory-mailbox.ts'

const minuteMs = 60_000

function world(keptMax = 100) {
  const clock = handClock()
  const timers = handTimers(clock)
  const kept = createKeptSessions({ clock, timers, keptMax })
  const closed: string[] = []
  const session = (name: string): MemorySession => {
    const made = new MemoryMailbox().open()
    made[Symbol.asyncDispose] = async () => void closed.push(name)
    return made
  }
  return { timers, kept, closed, session, ...using(kept, session) }
}

/** Passes of users, each of whom has a name, an endpoint and a batch. */
function using(kept: KeptSessions, session: (name: string) => MemorySession) {
  const owner = (key: string, endpointId = 1, batchId = 7): SessionOwner => ({
    key,
    endpointId,
    batchId,
    userId: key.charCodeAt(0),
  })
  const begin = (key: string, endpointId?: number, batchId?: number): Promise<Place> =>
    kept.enter(owner(key, endpointId, batchId))
  const pass = async (key: string, endpointId?: number, batchId?: number) =>
    kept.keep(await begin(key, endpointId, batchId), session(key))
  return { owner, begin, pass }
}

const limit = (connectionsMax: number) => new Map([[1, { connectionsMax }]])

describe('a session that is kept', () => {
  test('is taken up by its key, once', async () => {
    const { kept, pass, owner, closed } = world()
    await pass('a')
    await pass('b')
    expect(kept.take(owner('c'))).toBeNull()
    const taken = kept.take(owner('a'))
    expect(taken?.place.owner).toEqual(owner('a'))
    expect(kept.take(owner('a'))).toBeNull()
    expect(kept.count).toBe(1)
    expect(closed).toEqual([])
  })

  test('is closed when it was not used for 25 minutes', async () => {
    const { kept, pass, timers, closed } = world()
    await pass('a')
    await timers.advance(10 * minuteMs)
    await pass('b')
    await timers.advance(15 * minuteMs - 1)
    expect(closed).toEqual([])
    await timers.advance(1)
    expect(closed).toEqual(['a'])
    await timers.advance(10 * minuteMs)
    expect(closed).toEqual(['a', 'b'])
    expect(kept.count).toBe(0)
    expect(timers.waiting).toEqual([])
  })

  test('has 25 minutes anew after each use', async () => {
    const { kept, pass, owner, timers, closed, session } = world()
    await pass('a')
    await timers.advance(20 * minuteMs)
    const taken = kept.take(owner('a'))
    if (taken) await kept.keep(taken.place, session('a again'))
    await timers.advance(20 * minuteMs)
    expect(closed).toEqual([])
    await timers.advance(5 * minuteMs)
    expect(closed).toEqual(['a again'])
  })

  test('is the first to go when it was the longest unused and there are too many', async () => {
    const { kept, pass, owner, closed, session } = world(2)
    await pass('a')
    await pass('b')
    const taken = kept.take(owner('a'))
    if (taken) await kept.keep(taken.place, session('a'))
    await pass('c')
    expect(closed).toEqual(['b'])
    expect(kept.count).toBe(2)
  })

  test('is not, where none shall be', async () => {
    const { kept, pass, closed } = world(0)
    expect(kept.isKeeping).toBe(false)
    await pass('a')
    expect(closed).toEqual(['a'])
  })
})

describe('the connections of an endpoint', () => {
  test('are in use and kept ones together: who needs one gets that of the longest unused, closed before it goes on', async () => {
    const { kept, pass, begin, closed } = world()
    kept.fit(limit(3))
    for (const key of ['a', 'b', 'c']) await pass(key)
    expect(closed).toEqual([])
    const place = await begin('d')
    expect(closed).toEqual(['a'])
    await begin('e')
    expect(closed).toEqual(['a', 'b'])
    kept.leave(place)
    await begin('f')
    expect(closed).toEqual(['a', 'b'])
  })

  test('of another endpoint are not its own', async () => {
    const { kept, pass, begin, closed } = world()
    kept.fit(
      new Map([
        [1, { connectionsMax: 1 }],
        [2, { connectionsMax: 1 }],
      ]),
    )
    await pass('a', 1)
    await begin('b', 2)
    expect(closed).toEqual([])
  })

  test('that may be fewer from now on are closed at once', async () => {
    const { kept, pass, begin, closed, timers } = world()
    kept.fit(limit(4))
    for (const key of ['a', 'b', 'c']) await pass(key)
    await begin('d')
    kept.fit(limit(2))
    await timers.settle()
    expect(closed).toEqual(['a', 'b'])
    kept.fit(limit(9))
    await pass('e')
    expect(closed).toEqual(['a', 'b'])
  })

  test('that is removed are closed', async () => {
    const { kept, pass, closed, timers } = world()
    kept.fit(limit(4))
    await pass('a')
    kept.fit(new Map())
    await timers.settle()
    expect(closed).toEqual(['a'])
  })
})

describe('a disconnect', () => {
  test('closes what is kept for a batch, or for one user of it', async () => {
    const { kept, pass, closed, timers } = world()
    await pass('a', 1, 7)
    await pass('b', 1, 7)
    await pass('c', 2, 8)
    kept.disconnect({ batchId: 7, userId: 'b'.charCodeAt(0) })
    await timers.settle()
    expect(closed).toEqual(['b'])
    kept.disconnect({ batchId: 7 })
    await timers.settle()
    expect(closed).toEqual(['b', 'a'])
    expect(kept.count).toBe(1)
  })

  test('lets what is in use go on, which is not kept afterwards', async () => {
    const { kept, begin, closed, session } = world()
    const place = await begin('a')
    kept.disconnect({ batchId: 7 })
    await kept.keep(place, session('a'))
    expect(closed).toEqual(['a'])
    expect(kept.count).toBe(0)
  })
})

describe('a stop', () => {
  test('closes all, and keeps none any more', async () => {
    const { kept, pass, begin, closed, timers, session } = world()
    await pass('a')
    const place = await begin('b')
    await kept.stop()
    expect(closed).toEqual(['a'])
    await kept.keep(place, session('b'))
    expect(closed).toEqual(['a', 'b'])
    expect(timers.waiting).toEqual([])
  })

  test('waits a second for a server that does not take leave, then cuts the connection', async () => {
    const { kept, begin, timers } = world()
    const session = new MemoryMailbox().open()
    session[Symbol.asyncDispose] = () => new Promise(() => undefined)
    await kept.keep(await begin('a'), session)
    let isStopped = false
    const stopped = kept.stop().then(() => {
      isStopped = true
    })
    await timers.advance(999)
    expect(isStopped).toBe(false)
    expect(session.rest()).toBe(true)
    await timers.advance(1)
    await stopped
    expect(session.rest()).toBe(false)
  })
})
