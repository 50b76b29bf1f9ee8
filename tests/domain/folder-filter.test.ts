import { expect, test } from 'bun:test'
import { checkFolderPattern, folderFilter } from '../../src/domain/folder-filter.ts'
import type { Folder, SpecialUse } from '../../src/domain/mail.ts'

const folder = (name: string, specialUse: SpecialUse | null = null): Folder => ({
  name,
  path: name.split('/'),
  specialUse,
  isSelectable: true,
  isSubscribed: true,
  id: null,
  status: { messages: 1, uidNext: 2, uidValidity: 1, highestModseq: null },
})

const mailbox = [
  folder('INBOX'),
  folder('INBOX/Bills'),
  folder('Gesendet', 'sent'),
  folder('Gesendet/2020'),
  folder('Papierkorb', 'trash'),
  folder('Lists'),
  folder('Lists/Dev'),
  folder('Lists/Dev/Old'),
  folder('Listserv'),
  folder('Notes'),
  folder('#Notes#'),
  folder('Müll'),
]

const moved = (rules: { includeFolders?: string[]; excludeFolders?: string[] }) => {
  const moves = folderFilter({ includeFolders: [], excludeFolders: [], ...rules }, mailbox)
  return mailbox.filter(moves).map(({ name }) => name)
}

const left = (...excludeFolders: string[]) => {
  const moves = new Set(moved({ excludeFolders }))
  return mailbox.map(({ name }) => name).filter((name) => !moves.has(name))
}

test.each([
  [['Lists'], ['Lists']],
  [['lists/*'], ['Lists', 'Lists/Dev', 'Lists/Dev/Old']],
  [['Lists/Dev/*'], ['Lists/Dev', 'Lists/Dev/Old']],
  [['#Inbox#'], ['INBOX']],
  [['#inbox#/*'], ['INBOX', 'INBOX/Bills']],
  [['#Inbox#/Bills'], ['INBOX/Bills']],
  [['#SentItems#/*'], ['Gesendet', 'Gesendet/2020']],
  [['#DeletedItems#'], ['Papierkorb']],
  [['#JunkEmail#/*'], []],
  [['#Notes#'], ['Notes']],
  [['\\#Notes\\#'], ['#Notes#']],
  [['mu\u0308ll'], ['Müll']],
  [['#Root#/*'], mailbox.map(({ name }) => name)],
  [['Nothing', 'Lis*'], []],
])('excluding %j leaves %j', (patterns, expected) => expect(left(...patterns)).toEqual(expected))

test('only what is included moves, and exclusion wins', () => {
  expect(moved({ includeFolders: ['#Inbox#/*', 'Lists/*'], excludeFolders: ['Lists/Dev/*'] })).toEqual([
    'INBOX',
    'INBOX/Bills',
    'Lists',
  ])
})

test('without patterns everything moves', () => expect(moved({})).toEqual(mailbox.map(({ name }) => name)))

test.each([
  ['#Nowhere#', 'There is no well-known folder #Nowhere#'],
  ['#Half', 'names no well-known folder'],
  ['', 'is empty'],
  ['/*', 'is empty'],
])('the pattern "%s" is refused', (pattern, why) => expect(checkFolderPattern(pattern)).toContain(why))
