import { describe, expect, test } from 'bun:test'
import { type CopyRules, defaultCopyRules } from '../../src/domain/batch-settings.ts'
import { isBalanced } from '../../src/domain/sync-state.ts'
import { defaultRules, type PassReport } from '../../src/engine/pass.ts'
import { verifyUser } from '../../src/engine/verify.ts'
import { MemoryMailbox } from '../support/memory-mailbox.ts'
import { MemorySyncStore, mail, pair, runPass } from './harness.ts'

const world = () => ({ source: new MemoryMailbox(), target: new MemoryMailbox(), store: new MemorySyncStore() })
type World = ReturnType<typeof world>

async function pass({ source, target, store }: World, rules: Partial<CopyRules> = {}): Promise<PassReport> {
  const copy = { ...defaultCopyRules, ...rules }
  const report = await runPass(source, target, store, { rules: { ...defaultRules, copy } })
  expect({ counts: report.counts, isBalanced: isBalanced(report.counts) }).toMatchObject({ isBalanced: true })
  const verified = await verifyUser({
    ...{ pair, source: source.open(), target: target.open(), targetEndpoint: 'target.example:993', store, copy },
    ...{ signal: new AbortController().signal, onProgress: () => {}, readsData: true },
  })
  expect(verified.differences).toBe(0)
  return report
}

const names = ({ target }: World): string[] => [...target.folders.keys()].sort()

describe('folders that are left out', () => {
  test('are counted, and get no folder at the target', async () => {
    const at = world()
    at.source.deliver('INBOX', mail('a'))
    at.source.deliver('Lists/Dev', mail('b'))
    at.source.deliver('Lists/Dev', mail('c'))
    const report = await pass(at, { excludeFolders: ['Lists/*'] })
    expect(report.counts).toMatchObject({ source: 3, copied: 1, excluded: 2 })
    expect(names(at)).toEqual(['INBOX'])
  })

  test('move when they are wanted after all, and stay as they are when they are left out again', async () => {
    const at = world()
    at.source.deliver('INBOX', mail('a'))
    at.source.deliver('Lists', mail('b'))
    await pass(at, { excludeFolders: ['Lists'] })
    expect((await pass(at)).counts).toMatchObject({ source: 2, copied: 2, excluded: 0 })
    at.source.deliver('Lists', mail('c'))
    expect((await pass(at, { excludeFolders: ['Lists'] })).counts).toMatchObject({ source: 3, copied: 2, excluded: 1 })
    expect(at.target.contents().length).toBe(2)
    expect((await pass(at)).copiedNow).toBe(1)
    expect(at.target.contents().length).toBe(3)
  })
})

describe('messages that are left out', () => {
  const old = '01-Jan-2010 00:00:00 +0000'
  const fresh = '01-Jan-2020 00:00:00 +0000'
  const from = Date.UTC(2015, 0)

  test('move, each once, as the rule is widened; and nothing is taken back as it is narrowed', async () => {
    const at = world()
    for (const subject of ['a', 'b']) at.source.deliver('INBOX', mail(subject), [], old)
    for (const subject of ['c', 'd', 'e']) at.source.deliver('INBOX', mail(subject), [], fresh)
    expect((await pass(at, { receivedFrom: from })).counts).toMatchObject({ source: 5, copied: 3, excluded: 2 })
    expect((await pass(at, { receivedFrom: from })).copiedNow).toBe(0)
    expect((await pass(at)).counts).toMatchObject({ source: 5, copied: 5, excluded: 0 })
    at.source.deliver('INBOX', mail('f'), [], old)
    expect((await pass(at, { receivedFrom: from })).counts).toMatchObject({ source: 6, copied: 5, excluded: 1 })
    expect(at.target.contents().length).toBe(5)
    expect((await pass(at)).copiedNow).toBe(1)
    expect(at.target.contents().length).toBe(6)
  })

  test('are the larger ones, and those marked as deleted until they are not any more', async () => {
    const at = world()
    at.source.deliver('INBOX', mail('large', 'x'.repeat(5000)))
    const uid = at.source.deliver('INBOX', mail('deleted'), ['\\Deleted'])
    at.source.deliver('INBOX', mail('plain'))
    const rules = { itemBytesMax: 1000, copiesDeleted: false }
    expect((await pass(at, rules)).counts).toMatchObject({ source: 3, copied: 1, excluded: 2 })
    at.source.setFlags('INBOX', uid, [])
    expect((await pass(at, rules)).counts).toMatchObject({ source: 3, copied: 2, excluded: 1 })
  })
})

describe('duplicates', () => {
  test('are copied as often as they are there, unless they shall be left', async () => {
    const at = world()
    for (let n = 0; n < 3; n += 1) at.source.deliver('INBOX', mail('twin'))
    at.source.deliver('INBOX', mail('other'))
    // The same header and length with another body is another mail.
    at.source.deliver('INBOX', mail('twin', 'Holla'))
    expect((await pass(at, { duplicates: 'leave' })).counts).toMatchObject({ source: 5, copied: 3, excluded: 2 })
    at.source.deliver('INBOX', mail('twin'))
    expect((await pass(at, { duplicates: 'leave' })).counts).toMatchObject({ source: 6, copied: 3, excluded: 3 })
    for (let n = 0; n < 8; n += 1) expect((await pass(at, { duplicates: 'leave' })).copiedNow).toBe(0)
    expect((await pass(at)).counts).toMatchObject({ source: 6, copied: 6, excluded: 0 })
    expect(at.target.contents().length).toBe(6)
  })

  test('in two folders are no duplicates', async () => {
    const at = world()
    for (const folder of ['INBOX', 'Copies']) at.source.deliver(folder, mail('twin'))
    expect((await pass(at, { duplicates: 'leave' })).counts).toMatchObject({ source: 2, copied: 2 })
  })
})

describe('folders go', () => {
  test('below one folder, the inbox too', async () => {
    const at = world()
    at.source.deliver('INBOX', mail('a'))
    at.source.deliver('Work/2020', mail('b'))
    await pass(at, { targetRoot: ['Old mail'] })
    expect(names(at).filter((name) => name !== 'INBOX')).toEqual(['Old mail/INBOX', 'Old mail/Work/2020'])
  })

  test('where a rule says, those below with them, and the longest rule wins', async () => {
    const at = world()
    for (const folder of ['INBOX', 'Work', 'Work/2020', 'Work/Secret/Deep']) at.source.deliver(folder, mail(folder))
    const folderRenames = [
      { from: ['work'], to: ['Job'] },
      { from: ['Work', 'Secret'], to: ['Hidden'] },
    ]
    await pass(at, { folderRenames })
    expect(names(at)).toEqual(['Hidden/Deep', 'INBOX', 'Job', 'Job/2020'])
  })

  test('to the folder of the same use, unless uses do not count', async () => {
    for (const [mapsSpecialUse, expected] of [
      [true, 'Sent Items'],
      [false, 'Gesendet'],
    ] as const) {
      const at = world()
      at.source.create('Gesendet', 'sent')
      at.source.deliver('Gesendet', mail('a'))
      at.target.create('Sent Items', 'sent')
      await pass(at, { mapsSpecialUse })
      expect(at.target.folder(expected).items.length).toBe(1)
    }
  })

  test('nowhere else once they are there: a mapping that is changed later is for new folders', async () => {
    const at = world()
    at.source.deliver('Work', mail('a'))
    await pass(at)
    at.source.deliver('Work', mail('b'))
    at.source.deliver('Fun', mail('c'))
    await pass(at, { targetRoot: ['Old'] })
    expect(at.target.folder('Work').items.length).toBe(2)
    expect(names(at)).toContain('Old/Fun')
    expect(at.target.contents().length).toBe(3)
  })
})
