import { describe, expect, test } from 'bun:test'
import { endpointLimitDefaults } from '../../src/domain/endpoint.ts'
import { Fault, isFault } from '../../src/domain/fault.ts'
import { createSignInGuard, type SignIn } from '../../src/jobs/sign-in-guard.ts'
import { handClock } from '../support/hand-clock.ts'

const minuteMs = 60_000

function world() {
  const clock = handClock()
  const guard = createSignInGuard(clock)
  const tries: string[] = []
  /** What became of a try: let in, refused by the server, or not even tried. */
  const attempt = async (signIn: SignIn, server: 'accepts' | 'refuses' | 'drops'): Promise<'in' | Fault> => {
    try {
      await guard.open(signIn, async () => {
        tries.push(signIn.access.login)
        if (server === 'refuses') throw new Fault('sign-in.refused', 'No')
        if (server === 'drops') throw new Fault('connect.dropped', 'Gone')
      })
      return 'in'
    } catch (error) {
      if (isFault(error)) return error
      throw error
    }
  }
  return { clock, guard, tries, attempt }
}

function signIn(login: string, password = 'p', endpointId = 1): SignIn {
  const server = {
    host: 'x.example',
    port: 993,
    security: 'ssl',
    acceptsUntrustedCertificates: false,
    ca: null,
  } as const
  const { literalBytesMax } = endpointLimitDefaults
  const access = { server, literalBytesMax, login, password, authzid: null, userRoot: null }
  return { endpointId, batchId: 7, userId: Number(login.replace(/\D/g, '')), access }
}

describe('an account that was refused', () => {
  test('is tried twice an hour, and not once more', async () => {
    const { attempt, tries, clock } = world()
    for (let i = 0; i < 5; i += 1) await attempt(signIn('u1'), 'refuses')
    expect(tries.length).toBe(2)
    expect(await attempt(signIn('u1'), 'accepts')).toMatchObject({
      code: 'sign-in.refused',
      retry: 'never',
      scope: 'mailbox',
    })
    clock.advance(60 * minuteMs + 1)
    expect(await attempt(signIn('u1'), 'accepts')).toBe('in')
  })

  test('is another one with another password', async () => {
    const { attempt } = world()
    for (let i = 0; i < 2; i += 1) await attempt(signIn('u1'), 'refuses')
    expect(await attempt(signIn('u1', 'changed'), 'accepts')).toBe('in')
  })

  test('is tried again when somebody asks for it', async () => {
    const { attempt, guard } = world()
    for (let i = 0; i < 2; i += 1) await attempt(signIn('u1'), 'refuses')
    guard.forgive({ batchId: 7, userId: 2 })
    expect(await attempt(signIn('u1'), 'accepts')).not.toBe('in')
    guard.forgive({ batchId: 7, userId: 1 })
    expect(await attempt(signIn('u1'), 'accepts')).toBe('in')
  })

  test('starts anew after it was let in', async () => {
    const { attempt, tries } = world()
    await attempt(signIn('u1'), 'refuses')
    await attempt(signIn('u1'), 'accepts')
    for (let i = 0; i < 3; i += 1) await attempt(signIn('u1'), 'refuses')
    expect(tries.length).toBe(4)
  })

  test('is not one whose connection was lost', async () => {
    const { attempt, tries } = world()
    for (let i = 0; i < 5; i += 1) await attempt(signIn('u1'), 'drops')
    expect(tries.length).toBe(5)
  })
})

describe('an endpoint that refused five accounts within a minute', () => {
  async function paused() {
    const made = world()
    for (let i = 1; i <= 5; i += 1) await made.attempt(signIn(`u${i}`), 'refuses')
    return made
  }

  test('gets no sign-ins for five minutes, then one that looks', async () => {
    const { attempt, clock, tries } = await paused()
    expect(await attempt(signIn('u6'), 'accepts')).toMatchObject({
      scope: 'endpoint',
      retry: 'later',
      retryAfterMs: 5 * minuteMs,
    })
    clock.advance(5 * minuteMs - 1)
    expect(await attempt(signIn('u6'), 'accepts')).not.toBe('in')
    clock.advance(1)
    expect(await attempt(signIn('u6'), 'refuses')).toMatchObject({ scope: 'mailbox' })
    expect(await attempt(signIn('u7'), 'accepts')).toMatchObject({ scope: 'endpoint', retryAfterMs: 5 * minuteMs })
    clock.advance(5 * minuteMs)
    expect(await attempt(signIn('u8'), 'accepts')).toBe('in')
    expect(await attempt(signIn('u9'), 'accepts')).toBe('in')
    expect(tries.length).toBe(8)
  })

  test('is looked at by one at a time', async () => {
    const { attempt, clock, guard } = await paused()
    clock.advance(5 * minuteMs)
    const { promise, resolve } = Promise.withResolvers<void>()
    const first = guard.open(signIn('u6'), () => promise)
    expect(await attempt(signIn('u7'), 'accepts')).toMatchObject({ scope: 'endpoint', retry: 'later' })
    resolve()
    await first
    expect(await attempt(signIn('u7'), 'accepts')).toBe('in')
  })

  test('fails its users after three looks in vain, until somebody asks for a try', async () => {
    const { attempt, clock, guard } = await paused()
    for (let i = 6; i <= 8; i += 1) {
      clock.advance(5 * minuteMs)
      await attempt(signIn(`u${i}`), 'refuses')
    }
    expect(await attempt(signIn('u9'), 'accepts')).toMatchObject({ scope: 'endpoint', retry: 'never' })
    expect(guard.forgive({ batchId: 7, userId: 9 })).toEqual([1])
    expect(await attempt(signIn('u9'), 'accepts')).toBe('in')
  })

  test('is not the other endpoint', async () => {
    const { attempt } = await paused()
    expect(await attempt(signIn('u6', 'p', 2), 'accepts')).toBe('in')
  })

  test('is not one that refused them over a longer time', async () => {
    const { attempt, clock } = world()
    for (let i = 1; i <= 9; i += 1) {
      await attempt(signIn(`u${i}`), 'refuses')
      clock.advance(minuteMs / 4 + 1)
    }
    expect(await attempt(signIn('u10'), 'accepts')).toBe('in')
  })
})
