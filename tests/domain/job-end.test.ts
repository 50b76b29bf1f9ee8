import { describe, expect, test } from 'bun:test'
import { Fault } from '../../src/domain/fault.ts'
import { endOfFailure, type FailedRun } from '../../src/domain/job-end.ts'

const run = (error: unknown, changes: Partial<FailedRun> = {}): FailedRun => ({
  error,
  attempts: 0,
  attemptsMax: 3,
  throttledMax: 100,
  asked: null,
  isEndpointGivenUp: false,
  now: 1000,
  random: 1,
  ...changes,
})

describe('the two axes decide', () => {
  test('later: a retry that counts', () => {
    expect(endOfFailure(run(new Fault('connect.dropped', 'Gone', { side: 'source' })))).toEqual({
      kind: 'retry',
      runAt: 16_000,
      failure: { code: 'connect.dropped', scope: 'mailbox', message: 'Gone', side: 'source' },
    })
  })

  test('later, for the last time: given up', () => {
    expect(endOfFailure(run(new Fault('connect.dropped', 'Gone'), { attempts: 2 })).kind).toBe('discard')
  })

  test('later, and the server said when: not before', () => {
    const fault = new Fault('server.throttled', 'Wait', { retryAfterMs: 300_000 })
    expect(endOfFailure(run(fault))).toMatchObject({ kind: 'retry', runAt: 301_000 })
  })

  test('never: given up at once', () => {
    expect(endOfFailure(run(new Fault('sign-in.refused', 'No')))).toMatchObject({
      kind: 'discard',
      failure: { code: 'sign-in.refused' },
    })
  })

  test('a folder that failed counts like its mailbox', () => {
    expect(endOfFailure(run(new Fault('folder.missing', 'Gone'))).kind).toBe('retry')
    expect(endOfFailure(run(new Fault('folder.refused', 'No'))).kind).toBe('discard')
  })

  test('an endpoint that is away costs no attempt, however many there were', () => {
    const fault = new Fault('connect.unreachable', 'Away')
    expect(endOfFailure(run(fault, { attempts: 99 }))).toMatchObject({ kind: 'snooze', runAt: 1000 })
  })

  test('an endpoint that was waited for long enough fails the user', () => {
    expect(endOfFailure(run(new Fault('connect.unreachable', 'Away'), { isEndpointGivenUp: true })).kind).toBe(
      'discard',
    )
  })

  test('an untrusted certificate fails the user, although it is the endpoint', () => {
    expect(endOfFailure(run(new Fault('tls.untrusted', 'No'))).kind).toBe('discard')
  })

  test('a store that is full changes nothing, asked to stop or not', () => {
    const fault = new Fault('store.full', 'Full')
    expect(endOfFailure(run(fault))).toEqual({ kind: 'snooze', runAt: 6000, failure: null })
    expect(endOfFailure(run(fault, { asked: 'halt' })).kind).toBe('cancel')
  })

  test('a lost lease is left to whoever has it', () => {
    expect(endOfFailure(run(new Fault('lease.lost', 'Gone'), { asked: 'halt' })).kind).toBe('leave')
  })
})

describe('who was asked to stop', () => {
  const errors = {
    'the stop itself': new Fault('cancelled', 'Stopped'),
    'a lost connection': new Fault('connect.dropped', 'Gone'),
    'a mistake of ours': new Error('Ours'),
  }
  const names = Object.keys(errors) as (keyof typeof errors)[]
  test.each(names)('by an operator is cancelled, whatever came of it: %s', (name) => {
    expect(endOfFailure(run(errors[name], { asked: 'halt' }))).toEqual({ kind: 'cancel' })
  })
  test.each(names)('by the end of the process goes back as it was: %s', (name) => {
    expect(endOfFailure(run(errors[name], { asked: 'drain', attempts: 2 }))).toEqual({
      kind: 'snooze',
      runAt: 1000,
      failure: null,
    })
  })
})

describe('a mistake of our own', () => {
  test('is tried again a few times, however many attempts the others have', () => {
    const ends = [0, 1, 2].map((attempts) => endOfFailure(run(new Error('Oops'), { attempts, attemptsMax: 10 })).kind)
    expect(ends).toEqual(['retry', 'retry', 'discard'])
  })
  test('does not show what it says: a secret may be among it', () => {
    expect(JSON.stringify(endOfFailure(run(new Error('hunter2'))))).not.toContain('hunter2')
  })
})
