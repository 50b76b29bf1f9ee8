import { describe, expect, test } from 'bun:test'
import { createSessions, isBearer } from '../../src/operations/sessions.ts'
import { handClock } from '../support/hand-clock.ts'

const minuteMs = 60_000

function world() {
  const clock = handClock()
  return { clock, sessions: createSessions({ clock }) }
}

function signedIn() {
  const made = world()
  const id = made.sessions.redeem(made.sessions.createLink()) ?? ''
  return { ...made, id }
}

describe('a sign-in link', () => {
  test('has 256 bits, and no two are alike', () => {
    const { sessions } = world()
    const links = Array.from({ length: 100 }, () => sessions.createLink())
    expect(new Set(links).size).toBe(100)
    for (const link of links) expect(link).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  test('signs in once', () => {
    const { sessions } = world()
    const link = sessions.createLink()
    expect(sessions.redeem(link)).not.toBeNull()
    expect(sessions.redeem(link)).toBeNull()
  })

  test('lasts 30 minutes, whatever the wall clock is set to', () => {
    const { sessions, clock } = world()
    const [first, second] = [sessions.createLink(), sessions.createLink()]
    clock.set(clock.now() + 1e12)
    clock.advance(30 * minuteMs - 1)
    expect(sessions.redeem(first)).not.toBeNull()
    clock.advance(1)
    expect(sessions.redeem(second)).toBeNull()
  })

  test('that was never made signs nobody in, nor does a session id', () => {
    const { sessions, id } = signedIn()
    expect(sessions.redeem('x'.repeat(43))).toBeNull()
    expect(sessions.redeem(id)).toBeNull()
  })
})

describe('a session', () => {
  test('is found by its id and not by its link', () => {
    const { sessions, clock } = world()
    const link = sessions.createLink()
    const id = sessions.redeem(link) ?? ''
    expect(id).not.toBe(link)
    expect(sessions.find(id)).toEqual({ createdAt: clock.now(), expiresAt: clock.now() + 30 * minuteMs })
    expect(sessions.find(link)).toBeNull()
  })

  test('ends after 30 idle minutes', () => {
    const { sessions, clock, id } = signedIn()
    clock.advance(30 * minuteMs - 1)
    expect(sessions.find(id)).not.toBeNull()
    clock.advance(30 * minuteMs)
    expect(sessions.find(id)).toBeNull()
  })

  test('ends after twelve hours of use', () => {
    const { sessions, clock, id } = signedIn()
    for (let minutes = 0; minutes < 12 * 60 - 10; minutes += 10) {
      clock.advance(10 * minuteMs)
      expect(sessions.find(id)).not.toBeNull()
    }
    expect((sessions.find(id)?.expiresAt ?? 0) - clock.now()).toBe(10 * minuteMs)
    clock.advance(10 * minuteMs)
    expect(sessions.find(id)).toBeNull()
  })

  test('ends when it is ended, and no other with it', () => {
    const { sessions, id } = signedIn()
    const other = sessions.redeem(sessions.createLink()) ?? ''
    sessions.end(id)
    expect(sessions.find(id)).toBeNull()
    expect(sessions.find(other)).not.toBeNull()
  })

  test('makes room for others: a thousand are kept', () => {
    const { sessions, id } = signedIn()
    for (let i = 0; i < 1000; i += 1) sessions.redeem(sessions.createLink())
    expect(sessions.find(id)).toBeNull()
  })
})

test.each([
  ['Bearer s3cret', true],
  ['bearer  s3cret', true],
  ['Bearer s3cre', false],
  ['Bearer s3cret2', false],
  ['Bearer ', false],
  ['s3cret', false],
  ['Basic s3cret', false],
  ['', false],
  [null, false],
  [undefined, false],
])('the header %p shows the token: %p', (header, expected) => {
  expect(isBearer(header, 's3cret')).toBe(expected)
})
