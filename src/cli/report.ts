import { type Column, isRow, type Output, type Row, valueAt } from './output.ts'

/** The equation of a report: every item of the source is in exactly one category. */
const categories: readonly Column[] = [
  ['copied', 'copied'],
  ['already there', 'adopted'],
  ['left out by a rule', 'excluded'],
  ['removed at the target', 'removed'],
  ['skipped', 'skipped'],
  ['failed', 'failed'],
  ['gone before it was read', 'gone'],
]

/** The equation in one line, with the categories that have items, and whether it holds. */
export function equationLine(counts: Row, isBalanced: boolean): string {
  const number = (path: string): number => Number(counts[path] ?? 0)
  const parts = categories.filter(([, path]) => path === 'copied' || number(path) > 0)
  const sum = parts.map(([words, path]) => `${number(path)} ${words}`).join(' + ')
  return `${number('source')} at the source = ${sum}${isBalanced ? '' : ' (does not balance)'}`
}

/** The equation, or that nothing is known yet; and how many mailboxes are not in it, since no pass of theirs has ended. */
export function whereItemsAre(report: Row): string {
  const users = rowsAt(report, 'users')
  const uncounted = users.filter((user) => valueAt(user, 'passes') === 0 && !valueAt(user, 'progress.counts.source'))
  if (users.length > 0 && uncounted.length === users.length) return 'No mailbox has ended its first pass yet'
  const line = equationLine(isRow(report.counts) ? report.counts : {}, report.isBalanced === true)
  return uncounted.length === 0 ? line : `${line}; not counted: ${uncounted.length} without an ended pass`
}

const userColumns: readonly Column[] = [
  ['Address', 'emailAddress'],
  ['Status', 'status'],
  ['Source', 'progress.counts.source'],
  ['Copied', 'progress.counts.copied'],
  ['In the last pass', 'progress.copiedLastPass'],
  ['Already there', 'progress.counts.adopted'],
  ['Skipped', 'progress.counts.skipped'],
  ['Failed', 'progress.counts.failed'],
  ['Error', 'error.message'],
]

const issueColumns: readonly Column[] = [
  ['Address', 'emailAddress'],
  ['Folder', 'folderPath'],
  ['UID', 'sourceUid'],
  ['Why', 'code'],
  ['Answer', 'detail'],
  ['Subject', 'subject'],
  ['Date', 'sentAt'],
]

/** A batch's report: JSON whole, CSV by mailbox, and for a person the mailboxes, what is missing, and the equation. */
export async function printReport(output: Output, report: Row): Promise<void> {
  if (output.format === 'json') return output.row(report, [])
  if (output.format === 'ndjson') return output.event({ event: 'report', ...report })
  await output.list(rowsAt(report, 'users'), userColumns)
  if (output.format === 'csv') return
  const issues = rowsAt(report, 'issues')
  if (issues.length > 0) {
    output.line(`Not at the target: ${issues.length}`)
    await output.list(issues, issueColumns)
  }
  output.line(whereItemsAre(report))
}

const differenceColumns: readonly Column[] = [
  ['Address', 'emailAddress'],
  ['Folder', 'folder'],
  ['What', 'what'],
  ['Source UID', 'sourceUid'],
  ['Target UID', 'targetUid'],
  ['Detail', 'detail'],
]

/** What a verification found, with a line for each difference that it names. */
export async function printVerification(output: Output, verification: Row): Promise<void> {
  if (output.format === 'json') return output.row(verification, [])
  if (output.format === 'ndjson') return output.event({ event: 'verification', ...verification })
  const users = rowsAt(verification, 'users')
  const rows = users.flatMap(differencesOf)
  if (rows.length > 0 || output.format === 'csv') await output.list(rows, differenceColumns)
  for (const user of users) {
    const message = valueAt(user, 'error.message')
    if (message) output.say(`Cannot verify ${user.emailAddress}: ${message}`)
  }
  output.line(`Checked ${verification.itemsChecked} items: ${differencesText(Number(verification.differences))}`)
}

const differencesText = (count: number): string =>
  count === 0 ? 'no difference' : count === 1 ? '1 difference' : `${count} differences`

function differencesOf(user: Row): readonly Row[] {
  const { emailAddress } = user
  return rowsAt(user, 'report.folders').flatMap((folder) => {
    const place = { emailAddress, folder: pathText(folder.sourcePath) }
    const items = [...rowsAt(folder, 'missing'), ...rowsAt(folder, 'different')]
    const unnamed = Number(folder.missingItems) + Number(folder.differentItems) - items.length
    return [
      ...items.map((item) => ({ ...place, ...item })),
      ...(unnamed > 0 ? [{ ...place, what: 'more', detail: `${unnamed} more like these` }] : []),
      ...(Number(folder.doubledItems) > 0
        ? [{ ...place, what: 'doubled', detail: `${folder.doubledItems} copies too many` }]
        : []),
    ]
  })
}

const pathText = (path: unknown): string => (Array.isArray(path) ? path.join('/') : '')

function rowsAt(row: Row, path: string): readonly Row[] {
  const value = valueAt(row, path)
  return Array.isArray(value) ? value.filter(isRow) : []
}
