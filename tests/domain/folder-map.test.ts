import { describe, expect, test } from 'bun:test'
import { mapFolders, type NameRules } from '../../src/domain/folder-map.ts'
import type { Folder, SpecialUse } from '../../src/domain/mail.ts'
import { type FolderState, noCounts } from '../../src/domain/sync-state.ts'

const rules: NameRules = { delimiter: '/', ignoresCase: false }

let serial = 0

function folder(name: string, details: Partial<Folder> & { uidValidity?: number; uidNext?: number } = {}): Folder {
  serial += 1
  const { uidValidity = serial, uidNext = 5, ...rest } = details
  const status = { messages: 3, uidNext, uidValidity, highestModseq: null }
  const base = { name, path: name.split('/'), specialUse: null, isSelectable: true, isSubscribed: true, id: null }
  return { ...base, status, ...rest }
}

const used = (name: string, specialUse: SpecialUse): Folder => folder(name, { specialUse })

const paths = (sources: readonly Folder[], targets: readonly Folder[], with_: NameRules = rules) =>
  Object.fromEntries(
    mapFolders(sources, targets, [], with_).folders.map(({ source, targetPath, target, change }) => [
      source.path.join('/'),
      [targetPath.join('/'), target !== null, change],
    ]),
  )

function state(id: number, source: Folder, target: Folder): FolderState {
  const identity = ({ name, path, id: mailboxId, status }: Folder) => ({
    name,
    path,
    id: mailboxId,
    uidValidity: status?.uidValidity ?? 0,
    uidNext: status?.uidNext ?? 1,
  })
  return {
    id,
    source: identity(source),
    target: identity(target),
    cursor: null,
    dirtySince: null,
    targetSeen: null,
    suspect: null,
    counts: noCounts,
    sizeBytes: 0,
    passes: 1,
    idlePasses: 0,
  }
}

describe('a new folder goes', () => {
  test('to the folder of the same name, or to a new one', () => {
    expect(paths([folder('INBOX'), folder('A/B'), folder('C')], [folder('inbox'), folder('A/B')])).toEqual({
      INBOX: ['inbox', true, 'none'],
      'A/B': ['A/B', true, 'none'],
      C: ['C', false, 'none'],
    })
  })

  test('to the folder with the same special use, whatever its language', () => {
    const found = paths([used('Gesendet', 'sent'), folder('Sent')], [used('Sent', 'sent')])
    expect(found.Gesendet).toEqual(['Sent', true, 'none'])
    expect(found.Sent).toEqual(['Sent (2)', false, 'none'])
  })

  test('by the table of names where attributes are missing and the case is clear', () => {
    expect(paths([folder('Entwürfe')], [folder('Drafts')])).toEqual({ Entwürfe: ['Drafts', true, 'none'] })
    expect(paths([folder('Sent'), folder('Sent Items')], [used('Sent', 'sent')])).toEqual({
      Sent: ['Sent', true, 'none'],
      'Sent Items': ['Sent Items', false, 'none'],
    })
  })

  test('under a name without the separator of the target', () => {
    expect(paths([folder('x', { path: ['Q1/Q2', 'a'] })], [])).toEqual({ 'Q1/Q2/a': ['Q1_Q2/a', false, 'none'] })
    const flat = { delimiter: null, ignoresCase: false }
    expect(paths([folder('A/B')], [], flat)).toEqual({ 'A/B': ['A_B', false, 'none'] })
  })

  test('to a numbered one when another has that name at the target already', () => {
    const both = [folder('Work'), folder('WORK')]
    const names = (ignoresCase: boolean, targets: readonly Folder[] = []) =>
      Object.values(paths(both, targets, { delimiter: '/', ignoresCase })).map(([path, exists]) => [path, exists])
    expect(names(false)).toEqual([
      ['WORK', false],
      ['Work', false],
    ])
    expect(names(true)).toEqual([
      ['WORK', false],
      ['Work (2)', false],
    ])
    expect(names(true, [folder('work (2)')])).toEqual([
      ['WORK', false],
      ['Work (2)', true],
    ])
  })

  test('with the same key in both normal forms', () => {
    const found = paths([folder('Été'.normalize('NFD'))], [folder('Été'.normalize('NFC'))])
    expect(Object.values(found)[0]).toEqual(['Été'.normalize('NFC'), true, 'none'])
  })
})

describe('a known folder is', () => {
  const source = folder('A', { uidValidity: 71 })
  const target = folder('A', { uidValidity: 81 })
  const known = [state(1, source, target)]
  const only = (sources: readonly Folder[], targets: readonly Folder[], states = known) =>
    mapFolders(sources, targets, states, rules).folders.map((f) => [
      f.state?.id ?? null,
      f.change,
      f.target?.name ?? null,
    ])

  test('found by name and number', () => {
    expect(only([source], [target])).toEqual([[1, 'none', 'A']])
  })

  test('followed when it was renamed at the source', () => {
    expect(only([folder('B', { uidValidity: 71, uidNext: 9 })], [target])).toEqual([[1, 'renamed', 'A']])
  })

  test('not taken for another with the same number and a lower UIDNEXT', () => {
    expect(only([folder('B', { uidValidity: 71, uidNext: 2 })], [target])).toEqual([[null, 'none', null]])
  })

  test('not guessed where a server gives every folder one number', () => {
    const states = [
      state(1, folder('A', { uidValidity: 1 }), target),
      state(2, folder('C', { uidValidity: 1 }), folder('C')),
    ]
    const found = only([folder('B', { uidValidity: 1 }), folder('D', { uidValidity: 1 })], [target], states)
    expect(found.map(([id]) => id)).toEqual([null, null])
  })

  test('known by MAILBOXID before UIDVALIDITY', () => {
    const withId = folder('A', { uidValidity: 71, id: 'F1' })
    const states = [state(1, withId, target)]
    expect(only([folder('Z', { uidValidity: 71, id: 'F1' })], [target], states)).toEqual([[1, 'renamed', 'A']])
    expect(only([folder('Z', { uidValidity: 71, id: 'F2' })], [target], states)).toEqual([[null, 'none', null]])
  })

  test('renumbered when its name has a new number', () => {
    expect(only([folder('A', { uidValidity: 72 })], [target])).toEqual([[1, 'renumbered', 'A']])
  })

  test('followed when it was renamed at the target', () => {
    expect(only([source], [folder('Elsewhere', { uidValidity: 81, uidNext: 8 })])).toEqual([[1, 'none', 'Elsewhere']])
  })

  test('renumbered or removed at the target', () => {
    expect(only([source], [folder('A', { uidValidity: 82 })])).toEqual([[1, 'targetRenumbered', 'A']])
    expect(only([source], [folder('Other', { uidValidity: 83 })])).toEqual([[1, 'targetRemoved', null]])
  })

  test('lost when the source has it no longer', () => {
    expect(mapFolders([folder('New')], [target], known, rules).lost.map(({ id }) => id)).toEqual([1])
  })
})

test('twenty thousand folders are mapped in less than a second', () => {
  const sources = Array.from({ length: 20_000 }, (_, n) => folder(`F${n}`))
  const targets = Array.from({ length: 20_000 }, (_, n) => folder(`F${n}`))
  const states = sources.slice(0, 10_000).map((source, n) => state(n + 1, source, targets[n] ?? source))
  const began = performance.now()
  const { folders } = mapFolders(sources, targets, states, rules)
  expect(folders.filter(({ target }) => target !== null).length).toBe(20_000)
  expect(performance.now() - began).toBeLessThan(1000)
})
