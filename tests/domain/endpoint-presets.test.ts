import { expect, test } from 'bun:test'
import { defaultLoad, loadAt, originsOf, presetOf } from '../../src/domain/endpoint-presets.ts'

test('a provider is known by its host, in any case', () => {
  expect(presetOf('IMAP.gmail.com')?.name).toBe('Gmail')
  expect(presetOf('outlook.office365.com')?.name).toBe('Microsoft 365')
  for (const host of ['imap.gmail.com.example.org', 'mail.example.org']) expect(presetOf(host)).toBeNull()
})

test("a provider's figures are the defaults, and each limit tells where it comes from", () => {
  const load = { ...defaultLoad('imap.gmail.com'), mailboxBytesWrittenPerDayMax: null, concurrentMigrationsMax: 5 }
  expect(load).toMatchObject({ connectionsMax: 15, mailboxBytesReadPerDayMax: 2_500_000_000 })
  expect(originsOf('imap.gmail.com', load)).toMatchObject({
    connectionsMax: 'preset',
    mailboxBytesReadPerDayMax: 'preset',
    mailboxBytesWrittenPerDayMax: 'set',
    concurrentMigrationsMax: 'set',
    bytesPerSecondMax: 'default',
  })
})

test('limits that nobody set follow the host, the others stay', () => {
  const host = 'mail.example.org'
  const load = { ...defaultLoad(host), concurrentMigrationsMax: 5, bytesPerSecondMax: 50_000 }
  const moved = loadAt('imap.gmail.com', { host, load })
  expect(moved).toEqual({ ...defaultLoad('imap.gmail.com'), concurrentMigrationsMax: 5, bytesPerSecondMax: 50_000 })
  expect(loadAt(host, { host: 'imap.gmail.com', load: moved })).toEqual(load)
})
