import { describe, expect, test } from 'bun:test'
import { type Column, createOutput } from '../../src/cli/output.ts'
import type { OutputFormat } from '../../src/config.ts'
import { recordedShell } from './recorded-shell.ts'

const columns: readonly Column[] = [
  ['Name', 'name'],
  ['Total', 'counts.total'],
  ['Home', 'isHome'],
]
const rows = [
  { name: 'Sales', counts: { total: 12 }, isHome: true },
  { name: '=1+1', counts: { total: 3 }, isHome: null },
]

async function written(format: OutputFormat, given: Parameters<typeof recordedShell>[0] = {}) {
  const shell = recordedShell(given)
  const output = createOutput(shell, format)
  await output.list(rows, columns)
  return shell.out()
}

describe('a list', () => {
  test('is a table with columns as wide as their cells', async () =>
    expect(await written('table')).toBe('Name   Total  Home\nSales  12     yes\n=1+1   3\n'))

  test('is JSON with all that a row holds', async () => expect(JSON.parse(await written('json'))).toEqual(rows))

  test('is ndjson with a row a line', async () =>
    expect(
      (await written('ndjson'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(rows))

  test('is CSV whose formulas are escaped', async () =>
    expect(await written('csv')).toBe("Name,Total,Home\nSales,12,yes\n'=1+1,3,\n"))
})

test('wide letters take two columns and accents none', async () => {
  const shell = recordedShell()
  await createOutput(shell, 'table').list(
    [
      { a: '日本', b: 'x' },
      { a: 'e\u0301', b: 'x' },
    ],
    [
      ['A', 'a'],
      ['B', 'b'],
    ],
  )
  expect(shell.out()).toBe('A     B\n日本  x\ne\u0301     x\n')
})

test('foreign text cannot steer the terminal', async () => {
  const shell = recordedShell()
  const output = createOutput(shell, 'table')
  await output.list([{ name: 'a\u001b[2Jb\r\nc\u009b1m' }], [['Name', 'name']])
  output.say('x\u001b]0;title\u0007y')
  expect(shell.out() + shell.err()).not.toMatch(/[\u001b\u0007\r\u009b]/)
})

describe('words and progress', () => {
  const tell = (format: OutputFormat, isTerminal: boolean) => {
    const shell = recordedShell({ isTerminal })
    const output = createOutput(shell, format)
    output.progress('half')
    output.event({ event: 'progress', done: 1 })
    output.say('Done')
    return shell
  }

  test('go to a terminal as a line that is replaced', () => {
    const shell = tell('table', true)
    expect(shell.err()).toContain('\r\u001b[2Khalf')
    expect(shell.err()).toEndWith('Done\n')
    expect(shell.out()).toBe('')
  })

  test('show no line off a terminal', () => expect(tell('table', false).err()).toBe('Done\n'))

  test('are ndjson on the standard output when asked for', () => {
    const shell = tell('ndjson', true)
    expect(shell.out()).toBe('{"event":"progress","done":1}\n')
    expect(shell.err()).toBe('Done\n')
  })

  test('never break the line of a narrow terminal', () => {
    const shell = recordedShell({ isTerminal: true, columns: 10 })
    createOutput(shell, 'table').progress('0123456789abcdef')
    expect(shell.err()).toBe('\r\u001b[2K012345678')
  })
})
