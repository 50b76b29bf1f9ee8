import { describe, expect, test } from 'bun:test'
import { createOutput } from '../../src/cli/output.ts'
import { equationLine, printReport, printVerification, whereItemsAre } from '../../src/cli/report.ts'
import type { OutputFormat } from '../../src/config.ts'
import { noCounts } from '../../src/domain/sync-state.ts'
import { recordedShell } from './recorded-shell.ts'

describe('the equation', () => {
  test.each([
    ['copies', { ...noCounts, source: 5, copied: 5 }, true, '5 at the source = 5 copied'],
    ['nothing', { ...noCounts }, true, '0 at the source = 0 copied'],
    [
      'three categories',
      { ...noCounts, source: 9, copied: 2, adopted: 3, skipped: 4 },
      true,
      '9 at the source = 2 copied + 3 already there + 4 skipped',
    ],
    ['a loss', { ...noCounts, source: 9, copied: 2 }, false, '9 at the source = 2 copied (does not balance)'],
  ])('of %s names what has items', (_, counts, isBalanced, line) => expect(equationLine(counts, isBalanced)).toBe(line))
})

describe('where items are', () => {
  const user = (passes: number, source: number) => ({ passes, progress: { counts: { source } } })
  const report = { counts: { ...noCounts, source: 5, copied: 5 }, isBalanced: true }

  test.each([
    ['of mailboxes that ended a pass is told', [user(1, 5), user(1, 0)], '5 at the source = 5 copied'],
    ['of a pass that failed late is told', [user(0, 5)], '5 at the source = 5 copied'],
    [
      'names how many mailboxes are left out',
      [user(1, 5), user(0, 0)],
      '5 at the source = 5 copied; not counted: 1 without an ended pass',
    ],
    ['is not told as nothing while it is unknown', [user(0, 0)], 'No mailbox has ended its first pass yet'],
  ])('%s', (_, users, line) => expect(whereItemsAre({ ...report, users })).toBe(line))
})

const report = {
  batch: { name: 'Sales' },
  counts: { ...noCounts, source: 3, copied: 2, skipped: 1 },
  isBalanced: true,
  users: [
    {
      emailAddress: 'a@example.org',
      status: 'synced',
      progress: { counts: { source: 3, copied: 2 }, copiedLastPass: 2 },
    },
  ],
  issues: [
    { emailAddress: 'a@example.org', folderPath: ['Box', 'In'], sourceUid: 7, code: 'append.refused', subject: '=x' },
  ],
}

async function written(print: typeof printReport, format: OutputFormat, value: Parameters<typeof printReport>[1]) {
  const shell = recordedShell()
  await print(createOutput(shell, format), value)
  return shell.out()
}

describe('a report', () => {
  test('shows a person the mailboxes, what is missing, and the equation last', async () => {
    const text = await written(printReport, 'table', report)
    expect(text).toContain('a@example.org  synced')
    expect(text).toMatch(/Box\/In +7 +append.refused/)
    expect(text).toEndWith('3 at the source = 2 copied + 1 skipped\n')
  })

  test('is whole as JSON', async () => expect(JSON.parse(await written(printReport, 'json', report))).toEqual(report))

  test('is one event as ndjson', async () =>
    expect(JSON.parse(await written(printReport, 'ndjson', report))).toEqual({ event: 'report', ...report }))

  test('is a row a mailbox as CSV', async () =>
    expect((await written(printReport, 'csv', report)).split('\n')).toHaveLength(3))
})

describe('a verification', () => {
  const folder = {
    sourcePath: ['Box'],
    missing: [{ sourceUid: 4, targetUid: null, what: 'missing', detail: 'is not there' }],
    missingItems: 3,
    different: [{ sourceUid: 5, targetUid: 50, what: 'flags', detail: 'has no \\Seen' }],
    differentItems: 1,
    doubledItems: 2,
  }
  const found = {
    itemsChecked: 10,
    differences: 6,
    users: [
      { emailAddress: 'a@example.org', report: { folders: [folder] }, error: null },
      { emailAddress: 'b@example.org', report: null, error: { message: 'The sign-in was refused' } },
    ],
  }

  test('lists each difference that it names, and counts the others', async () => {
    const text = await written(printVerification, 'table', found)
    const lines = text.split('\n').filter((line) => line.startsWith('a@example.org'))
    expect(lines.map((line) => line.split(/ {2,}/).slice(1).join('|'))).toEqual([
      'Box|missing|4|is not there',
      'Box|flags|5|50|has no \\Seen',
      'Box|more|2 more like these',
      'Box|doubled|2 copies too many',
    ])
    expect(text).toEndWith('Checked 10 items: 6 differences\n')
  })

  test('names a mailbox that could not be read', async () => {
    const shell = recordedShell()
    await printVerification(createOutput(shell, 'table'), found)
    expect(shell.err()).toContain('Cannot verify b@example.org: The sign-in was refused')
  })

  test('says when all is the same', async () =>
    expect(await written(printVerification, 'table', { itemsChecked: 4, differences: 0, users: [] })).toBe(
      'Checked 4 items: no difference\n',
    ))
})
