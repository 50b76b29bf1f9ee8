import { describe, expect, test } from 'bun:test'
import {
  type ExitName,
  exitCodes,
  exitMeanings,
  exitOfFault,
  exitOfRefusal,
  exitOfRun,
  type MailboxOutcome,
} from '../../src/cli/exit-codes.ts'
import { explain } from '../../src/cli/failure.ts'
import { Fault, type FaultCode, type Side } from '../../src/domain/fault.ts'
import { Refusal, type RefusalCode } from '../../src/domain/refusal.ts'

const whole: MailboxOutcome = { hasStarted: true, isWhole: true, exit: null }
const cut = (exit: ExitName | null, hasStarted = false): MailboxOutcome => ({ hasStarted, isWhole: false, exit })

describe('the exit of a run', () => {
  test.each<[string, MailboxOutcome[], number, number]>([
    ['all whole', [whole, whole], 0, 0],
    ['no mailbox at all', [], 0, 0],
    ['a difference', [whole], 1, 4],
    ['a difference and a failed mailbox', [cut('sourceSignIn')], 2, 4],
    ['one refused sign-in among others', [whole, cut('sourceSignIn')], 0, 3],
    ['every sign-in refused at the source', [cut('sourceSignIn'), cut('sourceSignIn')], 0, 22],
    ['every sign-in refused at the target', [cut('targetSignIn')], 0, 32],
    ['no connection to the target', [cut('targetConnect'), cut('targetConnect')], 0, 30],
    ['two reasons', [cut('sourceSignIn'), cut('targetSignIn')], 0, 3],
    ['a full mailbox that had begun', [cut('overQuota', true)], 0, 3],
    ['a full mailbox that had not begun', [cut('overQuota')], 0, 40],
    ['a reason without a code of its own', [cut(null)], 0, 3],
    ['skipped items', [{ ...whole, isWhole: false }], 0, 3],
  ])('with %s', (_, mailboxes, differences, code) =>
    expect<number>(exitCodes[exitOfRun(mailboxes, differences)]).toBe(code),
  )
})

test.each<[FaultCode, Side | null, number | null]>([
  ['connect.unreachable', 'source', 20],
  ['connect.timeout', 'target', 30],
  ['tls.untrusted', 'source', 21],
  ['tls.starttls-missing', 'target', 31],
  ['sign-in.refused', 'source', 22],
  ['sign-in.unsupported', 'target', 32],
  ['append.over-quota', 'target', 40],
  ['server.throttled', 'source', 41],
  ['store.full', null, 52],
  ['folder.refused', 'target', null],
])('the fault %s at the %s exits with %p', (code, side, exit) => {
  const name = exitOfFault(code, side)
  expect<number | null>(name && exitCodes[name]).toBe(exit)
})

test.each<[RefusalCode, number]>([
  ['not-found', 6],
  ['wrong-state', 7],
  ['conflict', 7],
  ['invalid', 5],
  ['needs-approval', 8],
])('the refusal %s exits with %d', (code, exit) => expect<number>(exitCodes[exitOfRefusal(code)]).toBe(exit))

test('every code is one of its own and has a meaning', () => {
  const codes = Object.values(exitCodes)
  expect(new Set(codes).size).toBe(codes.length)
  expect(Object.keys(exitMeanings)).toEqual(Object.keys(exitCodes))
})

describe('an error becomes one sentence', () => {
  test('with the place of each problem of a refusal', () => {
    const problems = [
      { line: 4, column: 'Password', message: 'is missing' },
      { line: null, column: null, message: 'No rows' },
    ]
    const failure = explain(new Refusal('invalid', 'Cannot read the CSV', problems))
    expect(failure.message).toBe('Cannot read the CSV')
    expect(failure.details).toEqual(['line 4, column Password: is missing', 'No rows'])
    expect(failure.exit).toBe('invalid')
  })

  test('with the remedy of a fault', () => {
    const failure = explain(new Fault('tls.untrusted', 'Cannot trust imap.old.example', { side: 'source' }))
    expect([failure.message, failure.exit]).toEqual(['Cannot trust imap.old.example', 'sourceTls'])
    expect(failure.details.join()).toContain('CA file')
  })

  test.each([
    ['a full disk', Object.assign(new Error('write'), { code: 'ENOSPC' }), 'diskFull'],
    ['a held database', Object.assign(new Error('held'), { name: 'DatabaseHeld' }), 'dataFolderHeld'],
    ['a newer database', Object.assign(new Error('newer'), { name: 'NewerSchema' }), 'databaseCorrupt'],
    ['a mistake of ours', new TypeError('x is undefined'), 'unexpected'],
    ['something thrown that is no error', 'text', 'unexpected'],
  ])('for %s', (_, error, exit) => expect(explain(error).exit).toBe(exit as ExitName))
})
