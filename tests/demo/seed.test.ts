import { describe, expect, test } from 'bun:test'
import { Buffer } from 'node:buffer'
import { readBody } from '../../src/demo/body.ts'
import { headerFields } from '../../src/demo/header.ts'
import { parseInternalDate } from '../../src/demo/internal-date.ts'
import { makeMail, pickShape } from '../../src/demo/mail.ts'
import { demoUsers } from '../../src/demo/people.ts'
import { seededRandom } from '../../src/demo/random.ts'
import { addDemoAccounts, seedDemo } from '../../src/demo/seed.ts'
import { Store } from '../../src/demo/store.ts'
import { decodeUtf7 } from '../../src/domain/utf7.ts'

const size = { mailboxes: 20, messagesPerMailbox: 100 }

function seeded(seed: number, options: ConstructorParameters<typeof Store>[0] = {}): Store {
  const store = new Store(options)
  seedDemo(store, { ...size, random: seededRandom(seed) })
  return store
}

/** Everything that a migration has to carry, as text. */
const contents = (store: Store): readonly string[] =>
  [...store.accounts.values()].flatMap(({ userName, folders }) =>
    folders.flatMap(({ name, messages }) =>
      messages.map(({ body, flags, internalDate }) => {
        const text = Buffer.from(readBody(body)).toString('latin1')
        return `${userName} ${name} ${[...flags]} ${internalDate} ${text}`
      }),
    ),
  )

describe('seedDemo', () => {
  test('makes twenty mailboxes of a hundred messages, each with folders that are full, empty and unsubscribed', () => {
    const store = seeded(1)
    const accounts = [...store.accounts.values()]
    expect(accounts).toHaveLength(20)
    for (const { folders, subscriptions } of accounts) {
      expect(folders.reduce((sum, { messages }) => sum + messages.length, 0)).toBe(100)
      expect(folders.some(({ messages }) => messages.length === 0)).toBeTrue()
      expect(folders.filter(({ specialUse }) => specialUse !== null)).toHaveLength(4)
      expect(subscriptions.size).toBe(folders.length - 2)
    }
  })

  test('makes the same for the same seed, and other mail for another', () => {
    const first = contents(seeded(1))
    expect(contents(seeded(1))).toEqual(first)
    expect(contents(seeded(2))).not.toEqual(first)
  })

  test('writes names in modified UTF-7, below the prefix of the server', () => {
    const names = [...seeded(1, { separator: '.', personalPrefix: 'INBOX.' }).accounts.values()].flatMap(
      ({ folders }) => folders.map(({ name }) => name),
    )
    expect(names.every((name) => name === 'INBOX' || name.startsWith('INBOX.'))).toBeTrue()
    expect(names.every((name) => decodeUtf7(name) !== null)).toBeTrue()
    for (const name of ['INBOX.Projets.&AMk-t&AOk-', 'INBOX.R&-D.Labs "blue"', 'INBOX.Entw&APw-rfe'])
      expect(names).toContain(name)
  })

  test('has twins, mail without Message-ID, empty, long-headed and 8-bit mail, and all kinds of flags', () => {
    const mails = [...seeded(1).accounts.values()].flatMap(({ folders }) => folders.flatMap(({ messages }) => messages))
    const texts = mails.map(({ body }) => Buffer.from(readBody(body)).toString('latin1'))
    expect(new Set(texts).size).toBeLessThan(texts.length)
    const count = (isMeant: (text: string) => boolean) => texts.filter(isMeant).length
    expect(count((text) => !/^Message-ID:/m.test(text))).toBeGreaterThan(0)
    expect(count((text) => text.indexOf('\r\n\r\n') === text.length - 4)).toBeGreaterThan(0)
    expect(count((text) => /^X-Long: .{2000}/m.test(text))).toBeGreaterThan(0)
    expect(count((text) => /^Subject: .*[\x80-\xff]/m.test(text))).toBeGreaterThan(0)
    expect(count((text) => /^Subject: =\?UTF-8\?B\?/m.test(text))).toBeGreaterThan(0)
    expect(count((text) => /multipart\/mixed/.test(text))).toBeGreaterThan(0)
    expect(count((text) => /multipart\/alternative/.test(text))).toBeGreaterThan(0)
    expect(count((text) => /^a2 CREATE owned/m.test(text))).toBeGreaterThan(0)
    const flags = new Set(mails.flatMap((mail) => [...mail.flags]))
    for (const flag of ['\\Seen', '\\Answered', '\\Flagged', '\\Draft', '\\Deleted', '$Label1', 'Work'])
      expect(flags).toContain(flag)
    expect(new Set(mails.map(({ internalDate }) => internalDate.slice(-5))).size).toBeGreaterThan(5)
  })

  test('gives a target the same people and no mail', () => {
    const [source, target] = [new Store(), new Store()]
    const users = seedDemo(source, { ...size, random: seededRandom(1) })
    expect(addDemoAccounts(target, 20)).toEqual(users)
    for (const { userName: login, password } of users) {
      expect(source.signIn({ login, password, authzid: null })?.folders.length).toBeGreaterThan(1)
      expect(target.signIn({ login, password, authzid: null })?.folders).toHaveLength(1)
    }
  })
})

describe('a made-up message', () => {
  const random = seededRandom(5)
  const mails = Array.from({ length: 300 }, (_, serial) => {
    const language = (['en', 'de', 'fr', 'ja'] as const)[serial % 4] ?? 'en'
    return makeMail(pickShape(random), { serial, to: 'a@example.org', language, random })
  })
  const texts = mails.map(({ body }) => Buffer.from(body as Uint8Array).toString('latin1'))

  test('has CR LF line ends, headers and a date of the calendar', () => {
    for (const [index, text] of texts.entries()) {
      expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]/)
      expect(headerFields(Buffer.from(text, 'latin1')).map(({ name }) => name)).not.toContain('')
      expect(parseInternalDate(mails[index]?.internalDate ?? '')).not.toBeNull()
    }
  })

  test('names nobody outside the domains for examples', () => {
    const hosts = texts.flatMap((text) => [...text.matchAll(/@([a-z0-9.-]+)/g)].map(([, host]) => host))
    expect(new Set(hosts)).toEqual(new Set(['example.org', 'example.com']))
  })
})

describe('demoUsers', () => {
  test('are as many as asked, each with a name of their own', () => {
    const users = demoUsers(45)
    expect(new Set(users.map(({ userName }) => userName)).size).toBe(45)
    expect(new Set(users.map(({ emailAddress }) => emailAddress)).size).toBe(45)
    for (const { userName, emailAddress } of users) expect(emailAddress).toBe(`${userName}@example.org`)
    expect(users[0]).toEqual({
      displayName: 'Ada Winterfeld',
      emailAddress: 'ada.winterfeld@example.org',
      userName: 'ada.winterfeld',
      password: 'demo-ada.winterfeld',
      language: 'de',
    })
    for (const { userName } of users) expect(userName).toMatch(/^[a-z]+\.[a-z]+\d*$/)
  })
})
