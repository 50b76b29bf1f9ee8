import { describe, expect, test } from 'bun:test'
import { Fault } from '../../src/domain/fault.ts'
import { isBalanced } from '../../src/domain/sync-state.ts'
import { defaultRules } from '../../src/engine/pass.ts'
import { errorOf } from '../support/error-of.ts'
import { MemoryMailbox } from '../support/memory-mailbox.ts'
import { MemorySyncStore, mail, pair, runPass, unique } from './harness.ts'

function filled(): MemoryMailbox {
  const source = new MemoryMailbox()
  for (let n = 0; n < 12; n += 1) source.deliver('INBOX', unique(), n % 2 ? ['\\Seen'] : ['Work'])
  for (let n = 0; n < 7; n += 1) source.deliver('Sent/2025', unique(), ['\\Answered'])
  const twin = mail('Twin')
  source.deliver('INBOX', twin)
  source.deliver('INBOX', twin)
  source.create('Empty')
  return source
}

describe('a first pass', () => {
  test('copies everything once, with flags, dates, twins and empty folders', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const report = await runPass(source, target, new MemorySyncStore())
    expect(target.contents()).toEqual(source.contents())
    expect([...target.folders.keys()].sort()).toEqual([...source.folders.keys()].sort())
    expect(report.counts).toMatchObject({ source: 21, copied: 21, failed: 0 })
    expect(report.copiedNow).toBe(21)
  })

  test('adopts what is there already and copies the rest', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    for (const item of source.folder('INBOX').items.filter((_, n) => n % 2 === 0)) {
      target.deliver('INBOX', item.bytes, [], item.receivedAt)
    }
    target.deliver('INBOX', mail('Foreign'))
    const report = await runPass(source, target, new MemorySyncStore())
    expect(report.counts).toMatchObject({ source: 21, copied: 14, adopted: 7 })
    expect(target.folder('INBOX').items.length).toBe(source.folder('INBOX').items.length + 1)
    expect(target.contents().filter((line) => !line.includes('Foreign'))).toEqual(source.contents())
  })

  test('a target that has one of two twins gets one more, not two', async () => {
    const source = new MemoryMailbox()
    source.deliver('INBOX', mail('Twin'))
    source.deliver('INBOX', mail('Twin'))
    const target = new MemoryMailbox()
    target.deliver('INBOX', mail('Twin'))
    await runPass(source, target, new MemorySyncStore())
    expect(target.contents()).toEqual(source.contents())
  })
})

test('subscriptions are carried over, to folders that were there before too', async () => {
  const source = filled()
  source.create('Quiet', null, false)
  const target = new MemoryMailbox()
  target.folder('INBOX').isSubscribed = false
  await runPass(source, target, new MemorySyncStore())
  const subscribed = [...target.folders.values()].map(({ name, isSubscribed }) => [name, isSubscribed])
  expect(Object.fromEntries(subscribed)).toEqual({ INBOX: true, Empty: true, 'Sent/2025': true, Quiet: false })
})

describe('a second pass', () => {
  test.each([[true], [false]])('moves only what is new (CONDSTORE %p)', async (hasCondstore) => {
    const source = filled()
    source.traits = { ...source.traits, hasCondstore }
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    const idle = await runPass(source, target, store)
    expect([idle.copiedNow, idle.flagsChangedNow, idle.counts.copied]).toEqual([0, 0, 21])
    source.deliver('INBOX', unique())
    source.setFlags('INBOX', 1, ['\\Flagged'])
    source.setFlags('INBOX', 2, ['\\Seen', '\\Answered'])
    const report = await runPass(source, target, store)
    expect([report.copiedNow, report.flagsChangedNow]).toEqual([1, 2])
    expect(target.contents()).toEqual(source.contents())
    expect(isBalanced(report.counts)).toBe(true)
  })

  test('asks an unchanged mailbox nothing but its listing', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    source.log.splice(0)
    target.log.splice(0)
    await runPass(source, target, store)
    expect([source.log, target.log]).toEqual([['LIST'], ['LIST']])
  })

  test('leaves alone what the user changed or removed at the target', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    target.expunge('INBOX', 3)
    target.setFlags('INBOX', 4, ['\\Flagged', 'Mine'])
    source.setFlags('INBOX', 4, ['\\Answered'])
    const report = await runPass(source, target, store)
    expect(report.copiedNow).toBe(0)
    expect(report.counts).toMatchObject({ removed: 1, source: 21 })
    const kept = target.folder('INBOX').items.find((item) => item.uid === 4)
    expect(kept?.flags.sort()).toEqual(['Mine', '\\Answered', '\\Flagged'])
    expect((await runPass(source, target, store)).copiedNow).toBe(0)
  })

  test('a deletion at the source deletes nothing at the target', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    source.expunge('INBOX', 1)
    const report = await runPass(source, target, store)
    expect(target.folder('INBOX').items.length).toBe(14)
    expect(report.counts).toMatchObject({ source: 20, copied: 20 })
  })

  test('a move at the source moves the copy, with what its user did to it', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    target.setFlags('INBOX', 5, ['Mine'])
    const moved = source.moveItem('INBOX', 5, 'Archive')
    source.setFlags('Archive', moved, ['\\Seen'])
    const report = await runPass(source, target, store)
    expect([report.movedNow, report.copiedNow]).toEqual([1, 0])
    expect(target.folder('Archive').items.map((item) => item.flags.sort())).toEqual([['Mine', '\\Seen']])
    expect(target.folder('INBOX').items.length).toBe(source.folder('INBOX').items.length)
    expect(isBalanced(report.counts)).toBe(true)
  })

  test('without MOVE at the target a moved mail is copied', async () => {
    const source = filled()
    const target = new MemoryMailbox({ canMove: false })
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    source.moveItem('INBOX', 5, 'Archive')
    const report = await runPass(source, target, store)
    expect([report.movedNow, report.copiedNow]).toEqual([0, 1])
    expect(target.folder('Archive').items.length).toBe(1)
  })

  test('a moved mail whose copy the user removed is not sent again', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    target.expunge('INBOX', 5)
    source.moveItem('INBOX', 5, 'Archive')
    const report = await runPass(source, target, store)
    expect([report.movedNow, report.copiedNow, report.counts.removed]).toEqual([0, 0, 1])
  })
})

describe('folders', () => {
  test('a folder renamed at the source is renamed at the target', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    source.rename('Sent/2025', 'Sent/Old')
    const report = await runPass(source, target, store)
    expect(report.copiedNow).toBe(0)
    expect([...target.folders.keys()].sort()).toEqual([...source.folders.keys()].sort())
    expect(target.contents()).toEqual(source.contents())
  })

  test('a renamed folder with foreign mail in it keeps its name at the target', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    target.deliver('Sent/2025', mail('Foreign'))
    source.rename('Sent/2025', 'Sent/Old')
    const report = await runPass(source, target, store)
    expect([report.copiedNow, target.folders.has('Sent/Old'), target.folders.has('Sent/2025')]).toEqual([
      0,
      false,
      true,
    ])
    source.deliver('Sent/Old', unique())
    expect((await runPass(source, target, store)).copiedNow).toBe(1)
    expect(target.folder('Sent/2025').items.length).toBe(9)
  })

  test('a folder renamed at the target is followed', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    target.rename('Sent/2025', 'Elsewhere')
    source.deliver('Sent/2025', unique())
    const report = await runPass(source, target, store)
    expect(report.copiedNow).toBe(1)
    expect([target.folder('Elsewhere').items.length, target.folders.has('Sent/2025')]).toEqual([8, false])
  })

  test('a filled target folder that is gone holds the user until the admin decides', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    target.folders.delete('Sent/2025')
    source.deliver('Sent/2025', unique())
    expect(await errorOf(runPass(source, target, store))).toMatchObject({ code: 'folder.removed-at-target' })
    expect(target.folders.has('Sent/2025')).toBe(false)
    const rules = { ...defaultRules, missingTargetFolder: 'recreate' } as const
    await runPass(source, target, store, { rules })
    expect(target.contents()).toEqual(source.contents())
  })

  test('a filled target folder that is gone can be left away', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    target.folders.delete('Sent/2025')
    source.deliver('Sent/2025', unique())
    const rules = { ...defaultRules, missingTargetFolder: 'leave' } as const
    const report = await runPass(source, target, store, { rules })
    expect(report.counts).toMatchObject({ source: 22, removed: 7, excluded: 1, copied: 14 })
    expect(target.folders.has('Sent/2025')).toBe(false)
  })

  test.each([
    ['says yes and does nothing', 'never'],
    ['says no', new Fault('folder.refused', 'NO Cannot rename')],
  ] as const)('a target that %s to a rename keeps the old name, and mail goes on', async (_, renames) => {
    const source = filled()
    const target = new MemoryMailbox({ renames })
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    source.rename('Sent/2025', 'Sent/Old')
    source.deliver('Sent/Old', unique())
    const report = await runPass(source, target, store)
    expect([report.fault, report.refusal, report.copiedNow]).toEqual([null, null, 1])
    expect(target.folder('Sent/2025').items.length).toBe(8)
    expect(target.log.filter((command) => command === 'RENAME').length).toBe(1)
  })

  test('a target that is renumbered just before the end is not taken for what it was', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    target.tick = (command) => {
      if (command !== 'UID SEARCH') return
      target.tick = () => {}
      target.renumber('INBOX')
    }
    expect((await runPass(source, target, store)).fault?.code).toBe('cursor.lost')
    const report = await runPass(source, target, store, { pass: 'final' })
    expect([report.copiedNow, report.counts.copied, report.counts.removed]).toEqual([0, 21, 0])
    expect(target.contents()).toEqual(source.contents())
  })

  test('one that nothing happens to is looked into at every seventh pass all the same', async () => {
    const [source, target, store] = [filled(), new MemoryMailbox(), new MemorySyncStore()]
    const looks: number[] = []
    for (let pass = 1; pass <= 15; pass += 1) {
      source.log.splice(0)
      await runPass(source, target, store)
      looks.push(source.log.filter((command) => command === 'EXAMINE').length)
    }
    const all = looks[0] ?? 0
    expect(all).toBeGreaterThan(0)
    expect(looks).toEqual([all, 0, 0, 0, 0, 0, all, 0, 0, 0, 0, 0, 0, all, 0])
  })

  test('a folder that the target refuses is reported, the rest goes on', async () => {
    const source = filled()
    source.deliver('refused', unique())
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    const report = await runPass(source, target, store)
    expect(report.counts).toMatchObject({ source: 22, copied: 21, skipped: 1 })
    expect([report.fault, report.refusal?.code]).toEqual([null, 'folder.refused'])
    expect(await store.issues(pair)).toMatchObject([{ folderPath: ['refused'], code: 'folder.refused' }])
    expect((await runPass(source, target, store)).counts).toMatchObject({ source: 22, copied: 21, skipped: 1 })
  })

  test('a folder that the target has no room for holds the user and skips nothing', async () => {
    const source = filled()
    source.deliver('refused', unique())
    const folderRefusal = new Fault('append.over-quota', 'NO [OVERQUOTA] Too many folders')
    const target = new MemoryMailbox({ folderRefusal })
    const store = new MemorySyncStore()
    expect(await errorOf(runPass(source, target, store))).toMatchObject({ code: 'append.over-quota' })
    expect(await store.issues(pair)).toEqual([])
  })

  test('a folder that the source does not open is named, the rest goes on, and it is copied when it opens at last', async () => {
    const source = filled()
    source.deliver('closed', unique())
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    source.traits = { ...source.traits, closes: (name) => name === 'closed' }
    const report = await runPass(source, target, store)
    expect(report.counts).toMatchObject({ source: 22, copied: 21, skipped: 1 })
    expect([report.fault, report.refusal?.code]).toEqual([null, 'folder.unreadable'])
    expect(await store.issues(pair)).toMatchObject([{ folderPath: ['closed'], code: 'folder.unreadable' }])
    source.traits = { ...source.traits, closes: () => false }
    expect((await runPass(source, target, store)).counts).toMatchObject({ source: 22, copied: 22, skipped: 0 })
    expect([await store.issues(pair), target.contents()]).toEqual([[], source.contents()])
  })

  test('a folder that the target refused is copied when it takes it at last', async () => {
    const source = filled()
    source.deliver('refused', unique())
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    target.create('refused')
    const report = await runPass(source, target, store)
    expect(report.counts).toMatchObject({ source: 22, copied: 22, skipped: 0 })
    expect([await store.issues(pair), target.contents()]).toEqual([[], source.contents()])
  })

  test('a folder that cannot be looked into is told, and nothing known of it is lost', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    source.traits = { ...source.traits, shuts: (name) => name === 'Sent/2025' }
    const report = await runPass(source, target, store)
    expect([report.fault, report.refusal?.code, report.copiedNow]).toEqual([null, 'server.permission', 0])
    source.traits = { ...source.traits, shuts: () => false }
    const again = await runPass(source, target, store)
    expect([again.copiedNow, again.counts.copied, again.counts.source]).toEqual([0, 21, 21])
  })

  test('a renumbered source doubles nothing and forgets nothing', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    target.expunge('INBOX', 3)
    await runPass(source, target, store)
    source.renumber('INBOX')
    source.renumber('Sent/2025', 3)
    source.deliver('INBOX', unique())
    const report = await runPass(source, target, store)
    expect(report.copiedNow).toBe(1)
    expect(report.counts).toMatchObject({ source: 22, removed: 1, copied: 21 })
  })

  test('a renumbered target doubles nothing', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    target.renumber('INBOX')
    source.setFlags('INBOX', 1, ['\\Answered'])
    source.deliver('INBOX', unique())
    const report = await runPass(source, target, store)
    expect([report.copiedNow, report.flagsChangedNow]).toEqual([1, 1])
    expect(target.contents()).toEqual(source.contents())
  })

  test('a view brings only what stands nowhere else', async () => {
    const source = filled()
    source.create('All Mail', 'all')
    for (const item of source.folder('INBOX').items) source.deliver('All Mail', item.bytes)
    source.deliver('All Mail', mail('Archived only'))
    const target = new MemoryMailbox()
    const report = await runPass(source, target, new MemorySyncStore())
    expect(target.folder('All Mail').items.length).toBe(1)
    expect(report.counts).toMatchObject({ source: 36, copied: 22, excluded: 14 })
  })
})

describe('what the target refuses', () => {
  const refusal = (bytes: Uint8Array): Fault | null =>
    Buffer.from(bytes).includes('Bad') ? new Fault('append.refused', 'NO Message contains NUL') : null

  test.each([[false], [true]])('is skipped alone, the batch around it is kept (partial batches %p)', async (keeps) => {
    const source = filled()
    const bad = source.deliver('INBOX', mail('Bad'))
    for (let n = 0; n < 3; n += 1) source.deliver('INBOX', unique())
    const target = new MemoryMailbox({ refuses: refusal, keepsPartOfRefused: keeps })
    const store = new MemorySyncStore()
    const report = await runPass(source, target, store)
    expect(report.counts).toMatchObject({ source: 25, copied: 24, skipped: 1, failed: 0 })
    expect(target.contents()).toEqual(
      source
        .contents()
        .filter((line) => !line.includes('Bad'))
        .sort(),
    )
    expect(await store.issues(pair)).toMatchObject([{ sourceUid: bad, code: 'append.refused', subject: 'Bad' }])
    expect((await runPass(source, target, store)).skippedNow).toBe(0)
  })

  test('for being too large is not even read', async () => {
    const source = filled()
    source.deliver('INBOX', mail('Large', 'x'.repeat(5000)))
    const target = new MemoryMailbox({ itemBytesMax: 2000 })
    const report = await runPass(source, target, new MemorySyncStore())
    expect(report.counts).toMatchObject({ copied: 21, skipped: 1 })
  })

  test('for want of room holds the user and skips nothing', async () => {
    const source = filled()
    let room = 6
    const target = new MemoryMailbox({
      refuses: () => {
        room -= 1
        return room < 0 ? new Fault('append.over-quota', 'NO [OVERQUOTA] Full') : null
      },
    })
    const store = new MemorySyncStore()
    expect(await errorOf(runPass(source, target, store))).toMatchObject({ code: 'append.over-quota' })
    target.traits = { ...target.traits, refuses: () => null }
    const report = await runPass(source, target, store)
    expect(report.counts).toMatchObject({ source: 21, copied: 21, skipped: 0 })
    expect(target.contents()).toEqual(source.contents())
  })
})

describe('servers with habits', () => {
  test('a target that tells no UIDs is listed', async () => {
    const source = filled()
    const target = new MemoryMailbox({ tellsUids: false })
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    source.setFlags('INBOX', 1, ['\\Flagged'])
    const report = await runPass(source, target, store)
    expect([report.copiedNow, report.flagsChangedNow]).toEqual([0, 1])
    expect(target.contents()).toEqual(source.contents())
  })

  test('a target that hides what it accepted keeps the cursor back, and nothing is doubled when it shows it', async () => {
    const source = filled()
    const target = new MemoryMailbox({ hides: (uid) => uid > 3 })
    const store = new MemorySyncStore()
    const report = await runPass(source, target, store)
    expect(report.fault?.code).toBe('append.unconfirmed')
    target.traits = { ...target.traits, hides: () => false }
    await runPass(source, target, store)
    expect(target.contents()).toEqual(source.contents())
  })

  test('a target that rewrites mail and tells no UIDs gets everything once, after a crash too', async () => {
    const source = filled()
    const rewrites = (bytes: Uint8Array) => Buffer.concat([Buffer.from('X-Seen-By: scanner\r\n'), bytes])
    const target = new MemoryMailbox({ rewrites, tellsUids: false })
    const store = new MemorySyncStore()
    let appends = 0
    target.tick = (command) => {
      if (command === 'APPEND done') appends += 1
      if (appends === 3) throw new Fault('connect.dropped', 'The connection was cut')
    }
    expect(await errorOf(runPass(source, target, store))).toMatchObject({ code: 'connect.dropped' })
    target.tick = () => {}
    const report = await runPass(source, target, store)
    // Twins have one weak identity, and bodies that are not told apart by it.
    expect([report.fault, report.counts.copied, (await runPass(source, target, store)).copiedNow]).toEqual([
      null,
      21,
      0,
    ])
    expect(target.contents().length).toBe(21)
  })

  test('a target that hides what it accepted is given one message, and not all of them again and again', async () => {
    const source = filled()
    const target = new MemoryMailbox({ hides: () => true })
    const store = new MemorySyncStore()
    expect((await runPass(source, target, store)).fault?.code).toBe('append.unconfirmed')
    expect(target.contents().length).toBe(2)
    target.traits = { ...target.traits, hides: () => false }
    await runPass(source, target, store)
    expect(target.contents()).toEqual(source.contents())
  })

  test('a target that tells a UIDNEXT which is too high gets everything once', async () => {
    const source = filled()
    const target = new MemoryMailbox({ tellsUids: false })
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    target.traits = { ...target.traits, uidNextTold: () => 40_000 }
    source.deliver('INBOX', unique())
    expect((await runPass(source, target, store)).copiedNow).toBe(1)
    expect((await runPass(source, target, store)).copiedNow).toBe(0)
    expect(target.contents()).toEqual(source.contents())
  })

  test('a source that tells a UIDNEXT which is too low hides nothing by it', async () => {
    const source = filled()
    source.traits = { ...source.traits, uidNextTold: () => 3 }
    const target = new MemoryMailbox()
    const report = await runPass(source, target, new MemorySyncStore())
    expect(report.counts).toMatchObject({ source: 21, copied: 21, gone: 0 })
    expect(target.contents()).toEqual(source.contents())
  })

  describe.each(['silently', 'with NO'] as const)('a source that withholds mail %s', (how) => {
    test('has it skipped by name, and the rest copied', async () => {
      const source = filled()
      const bad = source.deliver('INBOX', mail('Withheld'))
      source.deliver('INBOX', unique())
      const isBad = (bytes: Uint8Array) => (Buffer.from(bytes).includes('Withheld') ? how : null)
      source.traits = { ...source.traits, withholds: isBad }
      const store = new MemorySyncStore()
      const target = new MemoryMailbox()
      const report = await runPass(source, target, store)
      expect([report.fault, report.counts]).toMatchObject([null, { source: 23, copied: 22, skipped: 1, gone: 0 }])
      expect(await store.issues(pair)).toMatchObject([{ sourceUid: bad, code: 'source.corrupt', subject: 'Withheld' }])
    })

    test('has nothing skipped as long as it gives nothing at all', async () => {
      const source = filled()
      source.traits = { ...source.traits, withholds: () => how }
      const store = new MemorySyncStore()
      const target = new MemoryMailbox()
      const report = await runPass(source, target, store)
      expect([report.fault?.code, report.counts]).toMatchObject(['server.unavailable', { source: 21, failed: 21 }])
      source.traits = { ...source.traits, withholds: () => null }
      await runPass(source, target, store)
      expect(target.contents()).toEqual(source.contents())
    })
  })

  test('a target that rewrites mail is known by it, and a lost ledger doubles nothing there', async () => {
    const source = filled()
    const rewrites = (bytes: Uint8Array) => Buffer.concat([Buffer.from('X-Seen-By: scanner\r\n'), bytes])
    const target = new MemoryMailbox({ rewrites })
    const store = new MemorySyncStore()
    await runPass(source, target, store)
    expect((await store.traits('target.example:993')).rewrites).toBe(true)
    const before = target.contents()
    const other = new MemorySyncStore()
    await other.learn('target.example:993', { rewrites: true })
    const report = await runPass(source, target, other)
    expect(report.copiedNow).toBeLessThanOrEqual(2)
    expect(target.contents().length - before.length).toBe(report.copiedNow)
  })

  test('a message at which the source always drops is skipped after it travelled alone', async () => {
    const source = filled()
    const poison = source.deliver('INBOX', mail('Poison'))
    source.traits = { ...source.traits, dropsAt: (bytes) => Buffer.from(bytes).includes('Poison') }
    const target = new MemoryMailbox()
    const store = new MemorySyncStore()
    expect(await errorOf(runPass(source, target, store))).toMatchObject({ code: 'connect.dropped' })
    expect(await errorOf(runPass(source, target, store))).toMatchObject({ code: 'connect.dropped' })
    const report = await runPass(source, target, store)
    expect(report.counts).toMatchObject({ copied: 21, skipped: 1 })
    expect(await store.issues(pair)).toMatchObject([{ sourceUid: poison, code: 'source.corrupt' }])
  })

  test('a lease that ends stops before the last line of a batch', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    let commits = 0
    const mayCommit = () => {
      commits += 1
      return commits < 4
    }
    expect(await errorOf(runPass(source, target, new MemorySyncStore(), { mayCommit }))).toMatchObject({
      code: 'lease.lost',
    })
    // The one that goes ahead, and the first batch of five.
    expect(target.contents().length).toBe(6)
  })
})

describe('a final pass', () => {
  test('ends when the source stands still', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    const report = await runPass(source, target, new MemorySyncStore(), { pass: 'final' })
    expect(report.isSourceStillChanging).toBe(false)
    expect(target.contents()).toEqual(source.contents())
  })

  test('says so when the source still receives mail after three rounds', async () => {
    const source = filled()
    const target = new MemoryMailbox()
    source.tick = (step) => {
      if (step === 'LIST') source.deliver('INBOX', unique())
    }
    const report = await runPass(source, target, new MemorySyncStore(), { pass: 'final' })
    expect(report.isSourceStillChanging).toBe(true)
  })
})
