import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isRefusal } from '../../src/domain/refusal.ts'
import { createUserListReader } from '../../src/domain/user-list.ts'
import { readCsv } from '../../src/platform/csv.ts'
import { watchLag } from '../support/watch-lag.ts'

const read = async (data: Uint8Array | string) => Array.fromAsync(readCsv(data))
const cells = async (data: Uint8Array | string) => (await read(data)).map((record) => [...record.cells])
const utf8 = (text: string) => new TextEncoder().encode(text)

function utf16(text: string, order: 'le' | 'be', hasMark: boolean): Uint8Array {
  const bytes = Buffer.from(`${hasMark ? '\ufeff' : ''}${text}`, 'utf16le')
  return new Uint8Array(order === 'le' ? bytes : bytes.swap16())
}

const rows = [
  ['EmailAddress', 'UserName'],
  ['zoë@x.example', 'žluť'],
]
const text = rows.map((row) => row.join(',')).join('\r\n')

describe('the same rows come from', () => {
  test.each([
    ['UTF-8', utf8(text)],
    ['UTF-8 with a byte order mark', utf8(`\ufeff${text}`)],
    ['UTF-16, little end first, marked', utf16(text, 'le', true)],
    ['UTF-16, big end first, marked', utf16(text, 'be', true)],
    ['UTF-16, little end first', utf16(text, 'le', false)],
    ['UTF-16, big end first', utf16(text, 'be', false)],
    ['a string', text],
    ['semicolons', utf8(text.replaceAll(',', ';'))],
    ['tabs', utf8(text.replaceAll(',', '\t'))],
    ['LF', utf8(text.replaceAll('\r\n', '\n'))],
    ['CR', utf8(text.replaceAll('\r\n', '\r'))],
    ['mixed line ends, empty lines and a last line end', utf8(`${text.replace('\r\n', '\n\n\r\n')}\r\n`)],
  ])('%s', async (_, data) => {
    expect(await cells(data)).toEqual(rows)
  })
})

test('quoted cells hold delimiters, quotes and line breaks (RFC 4180, section 2)', async () => {
  expect(await cells('a,b\r\n"x,y;z\t","say ""hi""\r\nthere"\r\n')).toEqual([
    ['a', 'b'],
    ['x,y;z\t', 'say "hi"\r\nthere'],
  ])
})

test('a delimiter inside a quoted header does not count', async () => {
  expect(await cells('"a,b,c";d\n1;2')).toEqual([
    ['a,b,c', 'd'],
    ['1', '2'],
  ])
})

test('a row tells the line where it begins', async () => {
  const lines = (await read('a,b\n1,2\n\n"x\ny\r\nz",3\r\n4,5\n')).map(({ line }) => line)
  expect(lines).toEqual([1, 2, 4, 7])
})

test('rows of any width come as they are', async () => {
  expect(await cells('a,b\n1\n1,2,3')).toEqual([['a', 'b'], ['1'], ['1', '2', '3']])
})

test('nothing gives no rows', async () => {
  expect(await read('')).toEqual([])
  expect(await read(new Uint8Array())).toEqual([])
})

describe('text without a sure meaning is refused at its line:', () => {
  test.each([
    ['a quote that is never closed', 'a,b\n1,2\n"3,4\n5,6\n', 3],
    ['text after a closing quote', 'a,b\n"1"x,2\n', 2],
    ['a quote in the middle of a cell', 'a,b\n1,"2\r\n2"\n3,4"5\n', 4],
    ['Latin-1', new Uint8Array(Buffer.from('a,b\n1,2\nzo\xeb,4\n', 'latin1')), 4],
  ])('%s', async (_, data, line) => {
    const refusal = await read(data).catch((error: unknown) => error)
    expect(isRefusal(refusal) && refusal.code).toBe('invalid')
    expect(isRefusal(refusal) && refusal.problems.map((problem) => problem.line)).toEqual([line])
  })
})

test('what is written by RFC 4180 is read back', async () => {
  const cell = fc.string({ unit: 'grapheme' }).filter((text) => !text.startsWith('\ufeff') && text !== '')
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1 }), async (table) => {
      const csv = table.map((row) => row.map(quoted).join(',')).join('\r\n')
      expect(await cells(utf8(csv))).toEqual(table)
    }),
  )
})

// Times are of a machine that may have other work: one of three goes is enough, and what blocks the loop fails them all.
test(
  '50,000 rows are read and checked in under 3 s, and nobody waits 50 ms for a turn',
  async () => {
    const lines = Array.from(
      { length: 50_000 },
      (_, i) => `user${i}@new.example,user${i},"pass, word ${i}",,,target ${i}`,
    )
    const csv = utf8(`EmailAddress,UserName,Password,UserRoot,TargetUserName,TargetPassword\r\n${lines.join('\r\n')}`)
    const reader = createUserListReader({ required: { EmailAddress: '' }, allowsUnknownColumns: false })
    const lag = watchLag()
    const begun = performance.now()
    for await (const record of readCsv(csv)) reader.read(record)
    const elapsedMs = performance.now() - begun
    expect(reader.finish()).toMatchObject({ problems: [], rows: { length: 50_000 } })
    expect(elapsedMs).toBeLessThan(3000)
    expect(lag.end()).toBeLessThan(50)
  },
  { retry: 2 },
)
