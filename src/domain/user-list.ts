import type { Problem } from './refusal.ts'

export const userColumns = [
  'EmailAddress',
  'UserName',
  'Password',
  'UserRoot',
  'TargetUserName',
  'TargetPassword',
] as const

export type UserColumn = (typeof userColumns)[number]

/** One row of a list that stood every check; an empty cell is null. */
export interface UserRow {
  readonly line: number
  readonly emailAddress: string
  readonly userName: string | null
  readonly password: string | null
  readonly userRoot: string | null
  readonly targetUserName: string | null
  readonly targetPassword: string | null
}

export interface UserListRules {
  /** Columns that must be there, with a cell filled in every row; the sentence says why where that is not plain. */
  readonly required: Partial<Record<UserColumn, string>>
  readonly allowsUnknownColumns: boolean
}

/** `problems` is empty exactly when all of the list is in `rows`. */
export interface UserList {
  readonly rows: readonly UserRow[]
  readonly problems: readonly Problem[]
}

export const userListLimits = { rowsMax: 50_000, bytesMax: 10 * 1024 * 1024, cellLengthMax: 1000, problemsMax: 1000 }

interface ListedRow {
  readonly line: number
  readonly cells: readonly string[]
}

/** Takes the rows of a list one by one, the header first, so that the caller decides when others get their turn. */
export interface UserListReader {
  /** False: enough is known, nothing further is looked at. */
  read(row: ListedRow): boolean
  finish(): UserList
}

type Header = readonly (UserColumn | null)[]
type Cells = ReadonlyMap<UserColumn, string>

export function createUserListReader(rules: UserListRules): UserListReader {
  const rows: UserRow[] = []
  const problems: Problem[] = []
  const lines = new Map<string, number>()
  let header: Header | null = null

  const readRow = (columns: Header, row: ListedRow): void => {
    const { user, found } = checkRow(columns, row, rules)
    const address = user?.emailAddress.toLowerCase() ?? ''
    const before = lines.get(address)
    if (user && before !== undefined) found.push(duplicate(user, before))
    else if (address !== '') lines.set(address, row.line)
    if (user && found.length === 0) rows.push(user)
    problems.push(...found)
  }

  return {
    read(row) {
      if (header === null) {
        const checked = checkHeader(row, rules)
        header = checked.header
        problems.push(...checked.problems)
        return problems.length === 0
      }
      if (rows.length === userListLimits.rowsMax) {
        problems.push({
          line: row.line,
          column: null,
          message: `The list has more than ${userListLimits.rowsMax} rows`,
        })
        return false
      }
      readRow(header, row)
      return problems.length < userListLimits.problemsMax
    },
    finish() {
      if (header === null) problems.push({ line: null, column: null, message: 'The list is empty' })
      else if (rows.length === 0 && problems.length === 0) {
        problems.push({ line: null, column: null, message: 'The list has a header and no rows' })
      }
      return { rows, problems }
    },
  }
}

const duplicate = ({ line, emailAddress }: UserRow, before: number): Problem => ({
  line,
  column: 'EmailAddress',
  message: `The address "${emailAddress}" stands in line ${before} already`,
})

function checkHeader({ line, cells }: ListedRow, rules: UserListRules) {
  const problems: Problem[] = []
  // A list without a header has a user in its first line: nothing of it is repeated, a password may be among it.
  if (cells.every((cell) => columnOf(cell) === null)) {
    const message = `The first line has to name the columns: ${userColumns.join(', ')}`
    return { header: [], problems: [{ line, column: null, message }] }
  }
  const header = cells.map((cell): UserColumn | null => {
    const name = cell.trim()
    const column = columnOf(name)
    if (column === null && !rules.allowsUnknownColumns) problems.push({ line, column: name, message: unknown(name) })
    return column
  })
  for (const column of userColumns) {
    const times = header.filter((named) => named === column).length
    const why = rules.required[column]
    if (times > 1) problems.push({ line, column, message: `The column ${column} stands ${times} times in the header` })
    if (times === 0 && why !== undefined) {
      problems.push({ line, column, message: `The column ${column} is missing${why && `: ${why}`}` })
    }
  }
  return { header, problems }
}

const columnOf = (cell: string): UserColumn | null =>
  userColumns.find((column) => column.toLowerCase() === cell.trim().toLowerCase()) ?? null

/** Attribute names are one word each: "Email Address" is a mistake worth a hint. */
function unknown(name: string): string {
  const word = name.replace(/[\s_-]/g, '').toLowerCase()
  const meant = userColumns.find((column) => column.toLowerCase() === word)
  const hint = meant ? `write ${meant}` : `known are ${userColumns.join(', ')}`
  return name === '' ? `A column has no name: ${hint}` : `The column "${name}" is unknown: ${hint}`
}

function checkRow(header: Header, { line, cells }: ListedRow, rules: UserListRules) {
  const found: Problem[] = []
  if (cells.length !== header.length) {
    const message = `The row has ${cells.length} cells, the header has ${header.length}`
    return { user: null, found: [{ line, column: null, message }] }
  }
  const byColumn: Cells = new Map(header.flatMap((column, i) => (column ? [[column, cells[i] ?? ''] as const] : [])))
  for (const [column, cell] of byColumn) {
    const message = cellMistake(column, cell)
    if (message !== null) found.push({ line, column, message })
  }
  for (const [column, why] of Object.entries(rules.required)) {
    if (textOf(byColumn, column as UserColumn) !== null) continue
    found.push({ line, column, message: `${column} is empty${why && `: ${why}`}` })
  }
  return { user: userRow(line, byColumn), found }
}

const controlCharacter = /[\u0000-\u001f\u007f]/
const address = /^[^\s@]+@[^\s@]+$/

function cellMistake(column: UserColumn, cell: string): string | null {
  if (cell.length > userListLimits.cellLengthMax)
    return `${column} is longer than ${userListLimits.cellLengthMax} characters`
  if (controlCharacter.test(cell)) return `${column} has a control character or a line break in it`
  const value = cell.trim()
  if (column === 'EmailAddress' && value !== '' && !address.test(value)) return `"${value}" is not an e-mail address`
  return null
}

/** Blanks around a name mean nothing; in a password they do. */
function textOf(cells: Cells, column: UserColumn): string | null {
  const cell = cells.get(column) ?? ''
  return (column === 'Password' || column === 'TargetPassword' ? cell : cell.trim()) || null
}

const userRow = (line: number, cells: Cells): UserRow => ({
  line,
  emailAddress: textOf(cells, 'EmailAddress') ?? '',
  userName: textOf(cells, 'UserName'),
  password: textOf(cells, 'Password'),
  userRoot: textOf(cells, 'UserRoot'),
  targetUserName: textOf(cells, 'TargetUserName'),
  targetPassword: textOf(cells, 'TargetPassword'),
})
