import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Layout, nameOf, pathOf } from '../../../../src/connectors/imap/codec/folder-names.ts'

const slash: Layout = { delimiter: '/', prefix: '', root: null }
const courier: Layout = { delimiter: '.', prefix: 'INBOX.', root: null }
const flat: Layout = { delimiter: null, prefix: '', root: null }
const shared: Layout = { delimiter: '/', prefix: 'user/ada/', root: 'user/ada' }

describe('folder names', () => {
  test.each([
    [slash, 'INBOX', ['INBOX']],
    [slash, 'inBox', ['INBOX']],
    [slash, 'Entw&APw-rfe/2024', ['Entwürfe', '2024']],
    [slash, '[Gmail]/All Mail', ['[Gmail]', 'All Mail']],
    [slash, ' spaces / at ends ', [' spaces ', ' at ends ']],
    [slash, 'INBOX/below', ['INBOX', 'below']],
    [slash, 'R&D', ['R&D']],
    [slash, '&broken', ['&broken']],
    [slash, '&AGE-', ['&AGE-']],
    [slash, Buffer.from('Größe').toString('latin1'), ['Größe']],
    [courier, 'INBOX', ['INBOX']],
    [courier, 'INBOX.Sent.2024', ['Sent', '2024']],
    [courier, 'INBOX.INBOX', ['INBOX', 'INBOX']],
    [courier, 'Shared.x', ['Shared', 'x']],
    [flat, 'a/b.c', ['a/b.c']],
    [shared, 'user/ada', ['INBOX']],
    [shared, 'user/ada/Sent', ['Sent']],
  ] as const)('in %j %s is %j', (layout, name, path) => {
    expect(pathOf(name, layout)).toEqual([...path])
  })

  test.each([
    [slash, ['inbox'], 'INBOX'],
    [slash, ['Entwürfe', '2024'], 'Entw&APw-rfe/2024'],
    [slash, ['R&D'], 'R&-D'],
    [courier, ['INBOX'], 'INBOX'],
    [courier, ['Sent'], 'INBOX.Sent'],
    [courier, ['INBOX', 'below'], 'INBOX.INBOX.below'],
    [courier, ['a/b'], 'INBOX.a/b'],
    [flat, ['a/b.c'], 'a/b.c'],
    [shared, ['INBOX'], 'user/ada'],
    [shared, ['Sent', 'x'], 'user/ada/Sent/x'],
    [slash, ['📬'], '&2D3c7A-'],
  ] as const)('in %j the path %j is %s', (layout, path, name) => {
    expect(nameOf(path, layout)).toBe(name)
  })

  test.each([
    [slash, []],
    [slash, ['']],
    [slash, ['a', '', 'b']],
    [slash, ['a/b']],
    [courier, ['a.b']],
    [flat, ['a', 'b']],
    [slash, ['a\nb']],
    [slash, ['a\rb']],
    [slash, ['a\0b']],
    [slash, ['x\r\na1 DELETE INBOX']],
  ] as const)('in %j no folder can be called %j', (layout, path) => {
    expect(nameOf(path, layout)).toBeNull()
  })

  test('lead back to their path', () => {
    const level = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => !/[\0\r\n./]/.test(text))
    fc.assert(
      fc.property(
        fc.array(level, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(slash, courier, shared),
        (path, layout) => {
          const name = nameOf(path, layout)
          if (name === null) throw new Error('A name was expected')
          const isInbox = path.length === 1 && path[0]?.toUpperCase() === 'INBOX'
          expect(pathOf(name, layout)).toEqual(isInbox ? ['INBOX'] : path.map((text) => text.toWellFormed()))
          expect(name).toMatch(/^[\x20-\x7e]*$/)
        },
      ),
    )
  })
})
