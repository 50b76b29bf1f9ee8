import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { MailTarget } from '../../../src/connectors/connector.ts'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { Folder } from '../../../src/domain/mail.ts'
import { startScript } from './scripted.ts'

setDefaultTimeout(30_000)

const connector = createImapConnector()
const { signal } = new AbortController()
const folder = (name: string): Folder => ({
  name,
  path: [name],
  specialUse: null,
  isSelectable: true,
  isSubscribed: true,
  id: null,
  status: null,
})
const [ours, other] = [folder('Ours'), folder('Other')]

/** What a target is asked, each command with the folder that is open when it comes. */
async function told(use: (target: MailTarget) => Promise<unknown>): Promise<readonly string[]> {
  const commands: string[] = []
  let open = 'none'
  await using server = await startScript(({ text, end }) => {
    open = /^(?:SELECT|EXAMINE) "?([A-Za-z]+)/.exec(text)?.[1] ?? (text === 'UNSELECT' ? 'none' : open)
    if (!text.startsWith('UID')) return false
    commands.push(`${open}: ${text.split(' ').slice(0, 3).join(' ')}`)
    end('OK done')
    return true
  })
  await using target = await connector.openTarget(server.access, signal)
  await use(target)
  return commands
}

const seen = [{ uids: [3, 4], add: ['\\Seen'], remove: [] }]

describe('a change in a folder', () => {
  test.each([
    ['flags', (target: MailTarget) => target.changeFlags(ours, seen), 'Ours: UID STORE 3:4'],
    ['a move', (target: MailTarget) => target.move(ours, [3, 4], other), 'Ours: UID MOVE 3:4'],
  ])('is sent while that folder is the open one, whatever else is asked meanwhile: %s', async (_, change, command) => {
    const commands = await told((target) =>
      Promise.all([change(target), target.list(other), target.uids(other), change(target), target.list(other)]),
    )
    expect(commands.toSorted()).toEqual(
      ['Other: UID FETCH 1:*', 'Other: UID FETCH 1:*', 'Other: UID SEARCH UID', command, command].toSorted(),
    )
  })

  test('does not take the session from another change, nor the other from it, without an end', async () => {
    const commands = await told((target) =>
      Promise.all([target.changeFlags(ours, seen), target.changeFlags(other, seen), target.move(ours, [3, 4], other)]),
    )
    expect(commands).toEqual(['Ours: UID STORE 3:4', 'Other: UID STORE 3:4', 'Ours: UID MOVE 3:4'])
  })

  test('that is refused lets the next one come', async () => {
    await using server = await startScript(({ text, end }) => {
      if (!/^SELECT "?Ours/.test(text)) return false
      end('NO [NONEXISTENT] gone')
      return true
    })
    await using target = await connector.openTarget(server.access, signal)
    const [refused, changed] = await Promise.allSettled([
      target.changeFlags(ours, seen),
      target.changeFlags(other, seen),
    ])
    expect([refused.status, changed.status]).toEqual(['rejected', 'fulfilled'])
  })

  test('opens the folder once where nobody else asks', async () => {
    let opened = 0
    await using server = await startScript(({ text }) => {
      if (text.startsWith('SELECT')) opened += 1
      return false
    })
    await using target = await connector.openTarget(server.access, signal)
    await target.changeFlags(ours, seen)
    await target.changeFlags(ours, seen)
    expect(opened).toBe(1)
  })
})
