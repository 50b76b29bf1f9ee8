import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { SeenCommand } from '../../../src/demo/hooks.ts'
import { extensionsWithout } from '../../../src/demo/settings.ts'
import type { Folder } from '../../../src/domain/mail.ts'
import { faultOf } from '../conformance.ts'
import { startDemo } from './demo-world.ts'
import { type Said, startScript } from './scripted.ts'

setDefaultTimeout(30_000)

const connector = createImapConnector()
const { signal } = new AbortController()
const paths = (folders: readonly Folder[]) => folders.map(({ path }) => path.join(' > '))

/** A server with these folders and namespaces; UIDVALIDITY 7 for all of them. */
function serverOf(list: readonly string[], namespace = '(("" "/")) NIL NIL', lsub: readonly string[] = []) {
  return startScript(({ text, send, end }: Said) => {
    const [, name] = /^(?:STATUS) (.*) \(/.exec(text) ?? []
    if (text.startsWith('LIST')) send(list.map((line) => `* LIST ${line}\r\n`).join(''))
    else if (text.startsWith('LSUB')) send(lsub.map((line) => `* LSUB ${line}\r\n`).join(''))
    else if (text === 'NAMESPACE') send(`* NAMESPACE ${namespace}\r\n`)
    else if (name !== undefined) send(`* STATUS ${name} (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7)\r\n`)
    else return false
    end('OK done')
    return true
  })
}

describe('folders', () => {
  test('of other people and shared ones are left alone', async () => {
    const list = ['() "." INBOX', '() "." INBOX.Sent', '() "." user.bob', '() "." shared.all', '() "." INBOXES']
    await using server = await serverOf(list, '(("INBOX." ".")) (("user." ".")) (("shared." "."))')
    await using source = await connector.openSource(server.access, signal)
    // What no namespace covers is not ours either, where namespaces are told.
    expect(paths(await source.listFolders())).toEqual(['INBOX', 'Sent'])
  })

  test('below an empty shared prefix are not ours, as on Cyrus', async () => {
    const list = ['() "." INBOX', '() "." INBOX.Sent', '() "." board']
    await using server = await serverOf(list, '(("INBOX." ".")) (("user." ".")) (("" "."))')
    await using source = await connector.openSource(server.access, signal)
    expect(paths(await source.listFolders())).toEqual(['INBOX', 'Sent'])
  })

  test.each([
    ['whose delimiter is refused', { name: 'LIST', line: ' LIST "" ""' }],
    ['that are not listed', { name: 'LIST', line: ' LIST "" "*"' }],
  ])('%s are no folders without levels, nor folders that are refused: they are asked for again', async (_, command) => {
    let isBusy = true
    const onCommand = ({ name, line }: SeenCommand) =>
      isBusy && name === command.name && line.endsWith(command.line) ? { answer: 'NO Busy' } : undefined
    await using side = await startDemo({
      extensions: extensionsWithout('NAMESPACE', 'LIST-EXTENDED'),
      hooks: { onCommand },
    })
    side.account.create('A/B')
    const names = async () => {
      await using source = await connector.openSource(side.access, signal)
      return paths(await source.listFolders())
    }
    expect(await faultOf(names())).toMatchObject({ code: 'server.unavailable', retry: 'later', side: 'source' })
    isBusy = false
    expect(await names()).toEqual(['INBOX', 'A', 'A > B'])
  })

  test('of a mailbox without a personal namespace have the delimiter that LIST tells', async () => {
    await using server = await serverOf(['() "/" INBOX', '() "/" a.b/c'], 'NIL NIL NIL')
    await using source = await connector.openSource(server.access, signal)
    expect(paths(await source.listFolders())).toEqual(['INBOX', 'a.b > c'])
  })

  test('come with what LIST and LSUB tell of them', async () => {
    const list = [
      '(\\HasNoChildren) "/" inbox',
      '(\\Noselect \\HasChildren) "/" Work',
      '(\\HasNoChildren \\Drafts) "/" Work/Entw&APw-rfe',
      '(\\NonExistent) "/" Gone',
      '() "/" {5}\r\na "b"',
      '() "/" "&broken"',
    ]
    await using server = await serverOf(list, undefined, ['() "/" INBOX', '() "/" "a \\"b\\""', '() "/" Unknown'])
    await using source = await connector.openSource(server.access, signal)
    const folders = await source.listFolders()
    expect(
      folders.map(({ name, path, specialUse, isSelectable, isSubscribed, status }) => [
        name,
        path,
        specialUse,
        isSelectable,
        isSubscribed,
        status !== null,
      ]),
    ).toEqual([
      ['inbox', ['INBOX'], null, true, true, true],
      ['Work', ['Work'], null, false, false, false],
      ['Work/Entw&APw-rfe', ['Work', 'Entwürfe'], 'drafts', true, false, true],
      ['Gone', ['Gone'], null, false, false, false],
      ['a "b"', ['a "b"'], null, true, true, true],
      ['&broken', ['&broken'], null, true, false, true],
    ])
  })

  test('all come in one round trip where the server can do that, and the first time with how they are named', async () => {
    await using side = await startDemo()
    side.account.create('Sent', 'sent')
    side.account.subscriptions.add('Sent')
    await using source = await connector.openSource(side.access, signal)
    const before = side.commands.length
    const folders = await source.listFolders()
    const sent = folders.find(({ name }) => name === 'Sent')
    expect(sent).toMatchObject({ specialUse: 'sent', isSubscribed: true, status: { messages: 0, uidNext: 1 } })
    expect(sent?.id).toBe(side.account.demand('Sent').id)
    await source.listFolders()
    const asked = side.commands.slice(before).filter(({ name }) => name !== 'ENABLE')
    expect(asked.map(({ name }) => name)).toEqual(['ID', 'NAMESPACE', 'LIST', 'LIST'])
  })

  test('stay in the list where their status cannot be had: opening them tells why', async () => {
    await using side = await startDemo({
      extensions: extensionsWithout('LIST-STATUS'),
      hooks: {
        onCommand: ({ name, line }) =>
          (name === 'STATUS' || name === 'EXAMINE') && line.includes('Locked')
            ? { answer: 'NO [NOPERM] You may not' }
            : undefined,
      },
    })
    side.account.create('Locked')
    await using source = await connector.openSource(side.access, signal)
    const folder = (await source.listFolders()).find(({ name }) => name === 'Locked')
    expect(folder).toMatchObject({ isSelectable: true, status: null })
    expect(await faultOf(source.changes(folder!, null))).toMatchObject({
      code: 'server.permission',
      scope: 'folder',
      side: 'source',
    })
    expect(await source.listFolders()).toHaveLength(2)
  })

  test('that tell no UIDNEXT are asked for their last message', async () => {
    await using server = await startScript(({ text, send, end }) => {
      if (text.startsWith('STATUS')) send('* STATUS INBOX (MESSAGES 2 UIDVALIDITY 7)\r\n')
      else if (text.startsWith('EXAMINE')) send('* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n')
      else if (text.startsWith('UID FETCH *')) send('* 2 FETCH (UID 41 FLAGS () RFC822.SIZE 1)\r\n')
      else return false
      end('OK done')
      return true
    })
    await using source = await connector.openSource(server.access, signal)
    const [inbox] = await source.listFolders()
    expect(inbox?.status).toEqual({ messages: 2, uidNext: 42, uidValidity: 7, highestModseq: null })
    expect(await source.status(inbox!)).toEqual(inbox!.status!)
  })

  test('include the inbox although LIST forgets it', async () => {
    await using server = await serverOf(['() "/" Sent'])
    await using source = await connector.openSource(server.access, signal)
    expect(paths(await source.listFolders())).toEqual(['Sent', 'INBOX'])
  })

  test('that are gone are missing', async () => {
    await using side = await startDemo()
    side.account.create('Gone')
    await using source = await connector.openSource(side.access, signal)
    const folder = (await source.listFolders()).find(({ name }) => name === 'Gone')!
    side.account.delete('Gone')
    const missing = { code: 'folder.missing', scope: 'folder' }
    expect(await faultOf(source.status(folder))).toMatchObject(missing)
    expect(await faultOf(source.changes(folder, null))).toMatchObject(missing)
    expect(await faultOf(source.uids(folder))).toMatchObject(missing)
    expect(await source.listFolders()).toHaveLength(1)
  })

  test('that were renumbered are not taken for what they were', async () => {
    await using side = await startDemo()
    side.account.deliver('INBOX', { body: Buffer.from('a\r\n') })
    await using target = await connector.openTarget(side.access, signal)
    const [inbox] = await target.listFolders()
    side.account.demand('INBOX').uidValidity += 1
    const lost = { code: 'cursor.lost' }
    expect(await faultOf(target.list(inbox!))).toMatchObject(lost)
    expect(await faultOf(target.uids(inbox!))).toMatchObject(lost)
    expect(
      await faultOf(
        (async () => {
          for await (const _ of target.fetch(inbox!, [1]));
        })(),
      ),
    ).toMatchObject(lost)
    expect(
      await faultOf(
        (async () => {
          for await (const _ of target.headers(inbox!, [1]));
        })(),
      ),
    ).toMatchObject(lost)
    expect(await faultOf(target.changeFlags(inbox!, [{ uids: [1], add: ['\\Seen'], remove: [] }]))).toMatchObject(lost)
    expect(await faultOf(target.move(inbox!, [1], inbox!))).toMatchObject(lost)
    expect(side.commands.map(({ name }) => name)).not.toContain('UID STORE')
  })
})

describe('a user root', () => {
  const list = [
    '() "/" users/ada',
    '() "/" users/ada/Sent',
    '(\\Noselect) "/" users',
    '() "/" users/adam',
    '() "/" INBOX',
  ]

  test('shows what is below it; itself it is the inbox', async () => {
    await using server = await serverOf(list)
    await using source = await connector.openSource({ ...server.access, userRoot: '/users/ada/' }, signal)
    expect(paths(await source.listFolders())).toEqual(['INBOX', 'Sent'])
  })

  test('is only a folder where there is an inbox below it', async () => {
    await using server = await serverOf([...list, '() "/" users/ada/Inbox'])
    await using source = await connector.openSource({ ...server.access, userRoot: 'users/ada' }, signal)
    const folders = await source.listFolders()
    expect(paths(folders)).toEqual(['ada', 'Sent', 'INBOX'])
    expect(folders.find(({ path }) => path[0] === 'INBOX')?.name).toBe('users/ada/Inbox')
  })

  test('is asked for alone, however large the tree is', async () => {
    await using side = await startDemo({}, { separator: '.' })
    for (const name of ['shared.Größe', 'shared.Größe.Sent', 'shared.other'].map((text) =>
      text.replace('Größe', 'Gr&APYA3w-e'),
    )) {
      side.account.create(name)
    }
    await using source = await connector.openSource({ ...side.access, userRoot: 'shared/Größe' }, signal)
    expect(paths(await source.listFolders())).toEqual(['INBOX', 'Sent'])
    const lines = side.commands.filter(({ name }) => name === 'LIST').map(({ line }) => line)
    expect(lines.join()).toContain('"shared.Gr&APYA3w-e.*"')
    expect(lines.join()).not.toContain('"*"')
  })

  test('that is not there is no empty mailbox', async () => {
    await using server = await serverOf([])
    await using source = await connector.openSource({ ...server.access, userRoot: 'users/bob' }, signal)
    expect(await faultOf(source.listFolders())).toMatchObject({
      code: 'folder.missing',
      scope: 'mailbox',
      retry: 'never',
      side: 'source',
    })
  })

  test('takes what is written to it', async () => {
    await using side = await startDemo()
    side.account.create('users/ada')
    await using target = await connector.openTarget({ ...side.access, userRoot: 'users/ada' }, signal)
    const [inbox, sent] = await target.ensureFolders([
      { path: ['INBOX'], isSubscribed: false },
      { path: ['Sent'], isSubscribed: true },
    ])
    expect([inbox, sent]).toMatchObject([{ name: 'users/ada' }, { name: 'users/ada/Sent' }])
  })
})

describe('new folders', () => {
  test('are all made in one flight, those above first, and subscribed to', async () => {
    await using side = await startDemo()
    await using target = await connector.openTarget(side.access, signal)
    await target.ensureFolders([['A', 'B', 'C'], ['A'], ['D']].map((path, at) => ({ path, isSubscribed: at > 0 })))
    const lines = side.commands.map(({ line }) => line.replace(/^\S+ /, ''))
    expect(lines.slice(lines.indexOf('CREATE "A"'))).toEqual([
      'CREATE "A"',
      'CREATE "D"',
      'CREATE "A/B/C"',
      'SUBSCRIBE "A"',
      'SUBSCRIBE "D"',
      expect.stringMatching(/^LIST/),
    ])
    expect([...side.account.subscriptions].sort()).toEqual(['A', 'D'])
  })

  test('get the folders above them first where the server does not make them itself', async () => {
    const made = new Set(['INBOX'])
    await using side = await startDemo({
      hooks: {
        onCommand: ({ name, line }) => {
          if (name !== 'CREATE') return undefined
          const [, folder = ''] = /"(.*)"/.exec(line) ?? []
          const parent = folder.slice(0, folder.lastIndexOf('/'))
          if (parent !== '' && !made.has(parent)) return { answer: 'NO No parent' }
          made.add(folder)
          return undefined
        },
      },
    })
    await using target = await connector.openTarget(side.access, signal)
    const [folder] = await target.ensureFolders([{ path: ['A', 'B', 'C'], isSubscribed: false }])
    expect(folder).toMatchObject({ path: ['A', 'B', 'C'] })
  })

  test.each([
    ['NO [CANNOT] Bad name', 'folder.refused'],
    ['NO Invalid name', 'folder.refused'],
    ['NO [NOPERM] You may not', 'server.permission'],
    ['NO [OVERQUOTA] Too many folders', 'append.over-quota'],
    ['BAD What', 'server.protocol'],
  ])('that are refused with %s have a fault each; the others are made', async (answer, code) => {
    await using side = await startDemo({
      hooks: { onCommand: ({ name, line }) => (name === 'CREATE' && line.includes('Bad') ? { answer } : undefined) },
    })
    await using target = await connector.openTarget(side.access, signal)
    const wanted = [['Bad'], ['Good'], ['a/b'], ['']].map((path) => ({ path, isSubscribed: false }))
    expect(await target.ensureFolders(wanted)).toMatchObject([
      { code, side: 'target' },
      { path: ['Good'] },
      { code: 'folder.refused' },
      { code: 'folder.refused' },
    ])
  })

  test('that are another one with other letters are refused, not merged', async () => {
    await using side = await startDemo({}, { folderKey: (name) => name.toLowerCase() })
    side.account.create('Sent')
    await using target = await connector.openTarget(side.access, signal)
    const made = await target.ensureFolders([['SENT'], ['inbox']].map((path) => ({ path, isSubscribed: false })))
    expect(made).toMatchObject([{ code: 'folder.refused', scope: 'folder' }, { path: ['INBOX'] }])
  })

  test('can be what was a place for folders only', async () => {
    await using side = await startDemo()
    side.account.create('A/B')
    await using target = await connector.openTarget(side.access, signal)
    expect((await target.listFolders()).find(({ path }) => path.join() === 'A')).toMatchObject({ isSelectable: false })
    const [made] = await target.ensureFolders([{ path: ['A'], isSubscribed: false }])
    expect(made).toMatchObject({ path: ['A'], isSelectable: true })
  })
})

test('a target that does not tell how its folders are named makes none, until it does', async () => {
  let isBusy = true
  const onCommand = ({ line }: SeenCommand) =>
    isBusy && line.endsWith('LIST "" ""') ? { answer: 'NO Busy' } : undefined
  await using side = await startDemo({ extensions: extensionsWithout('NAMESPACE'), hooks: { onCommand } })
  await using target = await connector.openTarget(side.access, signal)
  expect(await faultOf(target.listFolders())).toMatchObject({ code: 'server.unavailable' })
  expect(await faultOf(target.ensureFolders([{ path: ['A', 'B'], isSubscribed: false }]))).toMatchObject({
    code: 'server.unavailable',
  })
  isBusy = false
  expect(await target.ensureFolders([{ path: ['A', 'B'], isSubscribed: false }])).toMatchObject([{ name: 'A/B' }])
})

test('a folder that keeps no keywords says so', async () => {
  await using side = await startDemo({ keywords: ['Kept'] })
  await using target = await connector.openTarget(side.access, signal)
  const [inbox] = await target.listFolders()
  const flags = ['\\Seen', 'kept', 'Other', '\\Bogus']
  expect(await target.keptFlags(inbox!, flags)).toEqual(['\\Seen', 'kept'])
})

test('a renamed folder keeps its subscription', async () => {
  await using side = await startDemo()
  side.account.create('Old')
  side.account.subscriptions.add('Old')
  await using target = await connector.openTarget(side.access, signal)
  const old = (await target.listFolders()).find(({ name }) => name === 'Old')!
  expect(await target.renameFolder(old, ['New'])).toMatchObject({ name: 'New', isSubscribed: true })
  expect([...side.account.subscriptions]).toEqual(['New'])
  expect(await faultOf(target.renameFolder(old, ['x/y']))).toMatchObject({ code: 'folder.refused' })
  expect(await faultOf(target.renameFolder(old, ['Newer']))).toMatchObject({ code: 'folder.missing' })
})

test.each([
  ['one', '* QUOTAROOT INBOX User\r\n* QUOTA User (STORAGE 10 100)\r\n', { usedBytes: 10_240, limitBytes: 102_400 }],
  [
    'the tighter one',
    '* QUOTA "" (STORAGE 10 100)\r\n* QUOTA "b" (MESSAGE 1 5 STORAGE 90 120)\r\n',
    { usedBytes: 92_160, limitBytes: 122_880 },
  ],
  ['none', '* QUOTAROOT INBOX\r\n', null],
  ['none of space', '* QUOTA "" (MESSAGE 1 5)\r\n', null],
])('a quota: %s', async (_, text, quota) => {
  await using server = await startScript(({ text: said, send, end }) => {
    if (said.startsWith('GETQUOTAROOT')) send(text)
    else if (said.startsWith('CAPABILITY')) send('* CAPABILITY IMAP4rev1 QUOTA AUTH=PLAIN\r\n')
    else return false
    end('OK done')
    return true
  })
  await using target = await connector.openTarget(server.access, signal)
  expect(await target.quota()).toEqual(quota)
})
