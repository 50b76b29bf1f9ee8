import { expect, test } from 'bun:test'
import { instantOf } from './compare.ts'
import { startDovecot } from './dovecot.ts'
import { describeWith } from './need.ts'
import { planMailbox, seed, seedHalf } from './seed.ts'
import { readMailbox } from './snapshot.ts'

const plan = { users: ['ada', 'bob'], messagesPerUser: 200 }
const messages = planMailbox(plan, 'ada').flatMap((folder) => folder.messages)
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

const bodies = (user: string, seed?: number) =>
  new Set(planMailbox({ ...plan, seed }, user).flatMap((folder) => folder.messages.map(({ bytes }) => text(bytes))))

test('the same plan is the same mail, another user or seed is other mail', () => {
  expect(planMailbox(plan, 'ada')).toEqual(planMailbox(plan, 'ada'))
  // Of each twenty messages two are twins of their neighbours.
  expect(bodies('ada').size).toBe(180)
  expect(bodies('ada').isDisjointFrom(bodies('bob'))).toBe(true)
  expect(bodies('ada')).not.toEqual(bodies('ada', 2))
})

const promised = {
  'twins in every respect': () =>
    messages.some((m, at) => at > 0 && same(m, messages[at - 1]) && m.flags === messages[at - 1]?.flags),
  'twins of other dates': () =>
    messages.some((m, at) => at > 0 && same(m, messages[at - 1]) && m.receivedAt !== messages[at - 1]?.receivedAt),
  'mail without a Message-ID': () => messages.some(({ bytes }) => !text(bytes).includes('Message-ID:')),
  'one Message-ID on different mail': () =>
    messages.filter(({ bytes }) => text(bytes).includes('always-the-same@')).length > 3,
  'bytes that are no UTF-8': () => messages.some(({ bytes }) => text(bytes).includes('\x80\xff')),
  'IMAP commands as a body': () => messages.some(({ bytes }) => text(bytes).includes('a1 CREATE Executed')),
  'mail under 500 bytes': () => messages.some(({ bytes }) => bytes.length < 500),
  'mail of some 50 KB': () => messages.some(({ bytes }) => bytes.length > 45_000),
  'no mail over 100 KB': () => messages.every(({ bytes }) => bytes.length < 100_000),
  keywords: () => messages.some(({ flags }) => flags.includes('$Forwarded')),
  'mail without flags': () => messages.some(({ flags }) => flags.length === 0),
  'six zones': () => new Set(messages.map(({ receivedAt }) => receivedAt.slice(-5))).size === 6,
  'dates that all parse': () => messages.every(({ receivedAt }) => instantOf(receivedAt) > 0),
} satisfies Record<string, () => boolean>

const same = (one: { bytes: Uint8Array }, other: { bytes: Uint8Array } | undefined) => one.bytes === other?.bytes

test.each(Object.keys(promised) as (keyof typeof promised)[])('a mailbox of 200 messages has %s', (name) => {
  expect(promised[name]()).toBe(true)
})

describeWith('dovecot', 'openssl')('seeding', () => {
  test('puts every message and folder there, subscriptions included', async () => {
    await using server = await startDovecot()
    expect(await seed(server, plan)).toBe(400)
    const { folders, subscribed } = await readMailbox(server, 'ada')
    expect([...folders.keys()].sort()).toEqual([
      'INBOX',
      'Leer',
      'Projekte › Übersicht › 2024',
      'Reisen 🚲',
      'Sent',
      'Work & "Play"',
      '受信 › テスト',
    ])
    expect(subscribed.size).toBe(6)
    expect(folders.get('Leer')).toEqual([])
    const seen = [...folders.values()].flat().map(({ subject, sizeBytes }) => `${sizeBytes} ${subject}`)
    expect(seen).toHaveLength(200)
    expect(folders.get('INBOX')?.map(({ sizeBytes }) => sizeBytes)).toEqual(
      planMailbox(plan, 'ada')[0]?.messages.map(({ bytes }) => bytes.length) ?? [],
    )
  })

  test('half fills a server with every second message', async () => {
    await using server = await startDovecot()
    expect(await seedHalf(server, plan)).toBe(200)
    const { folders } = await readMailbox(server, 'bob')
    expect([...folders.values()].flat()).toHaveLength(100)
    expect(folders.has('Leer')).toBe(false)
  })
})
