import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { SeenCommand, Verdict } from '../../src/demo/hooks.ts'
import type { Session } from '../../src/demo/session.ts'
import { faultOf } from '../connectors/conformance.ts'
import { expectSame } from '../support/checker.ts'
import { seed } from '../support/seed.ts'
import { demoEnd, migration, user } from './lacking.ts'

setDefaultTimeout(30_000)

const messagesPerUser = 120

type Break = (command: SeenCommand, session: Session) => Verdict

/** What ends a pass at the n-th such command, and only there. */
function once(pattern: RegExp, at: number, act: Break): Break {
  let count = 0
  return (command, session) => {
    if (!pattern.test(command.line)) return undefined
    count += 1
    return count === at ? act(command, session) : undefined
  }
}

const bodies = /UID FETCH .*BODY\.PEEK\[\]/
const answer = (text: string) => (): Verdict => ({ answer: text })

describe('a pass that broke off goes on, and what was settled is not sent again,', () => {
  test.each<readonly [string, 'source' | 'target', Break, string]>([
    ['a source that leaves', 'source', once(bodies, 4, answer('BYE [UNAVAILABLE] Back later')), 'server.unavailable'],
    ['a source that is throttled', 'source', once(bodies, 4, answer('NO [THROTTLED] Slowly')), 'server.throttled'],
    [
      'a source that is cut in a message',
      'source',
      once(bodies, 4, (_, session) => void session.cutAfterSent(9_000)),
      'connect.dropped',
    ],
    ['a target that leaves', 'target', once(/APPEND/, 4, answer('BYE Going down')), 'connect.dropped'],
    [
      'a target that is throttled',
      'target',
      once(/APPEND/, 4, answer('NO Request is throttled. Suggested Backoff Time: 92415 milliseconds')),
      'server.throttled',
    ],
    [
      'a target that is cut in a message',
      'target',
      once(/APPEND/, 3, (_, session) => void session.cutAfterReceived(9_000)),
      'connect.dropped',
    ],
  ])('after %s', async (_, side, onCommand, code) => {
    await using source = await demoEnd(side === 'source' ? { hooks: { onCommand } } : {})
    await using target = await demoEnd(side === 'target' ? { hooks: { onCommand } } : {})
    await seed(source.outside, { users: [user], messagesPerUser })
    const { pass } = await migration(source, target)
    expect(await faultOf(pass())).toMatchObject({ code, side, scope: 'mailbox', retry: 'later' })
    const report = await pass()
    expect(report).toMatchObject({ fault: null, counts: { copied: messagesPerUser } })
    expect(report.copiedNow).toBeLessThan(messagesPerUser)
    await expectSame(source.outside, target.outside, [user])
  })
})
