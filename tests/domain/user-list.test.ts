import { describe, expect, test } from 'bun:test'
import { createUserListReader, type UserListRules, userListLimits } from '../../src/domain/user-list.ts'

const rules: UserListRules = {
  allowsUnknownColumns: false,
  required: { EmailAddress: '', UserName: '', Password: 'the source endpoint has no administrator' },
}

const header = ['EmailAddress', 'UserName', 'Password']

function check(rows: readonly (readonly string[])[], by: UserListRules = rules) {
  const reader = createUserListReader(by)
  rows.every((cells, i) => reader.read({ line: i + 1, cells }))
  return reader.finish()
}

const places = (rows: readonly (readonly string[])[], by?: UserListRules) =>
  check(rows, by).problems.map(({ line, column }) => [line, column])

test('a good row has its cells, and null for empty ones', () => {
  const all = ['EmailAddress', 'UserName', 'Password', 'UserRoot', 'TargetUserName', 'TargetPassword']
  expect(check([all, ['bob@new.example', 'bob', ' p"a,s ', '/users/bob', 'robert', '']])).toEqual({
    problems: [],
    rows: [
      {
        line: 2,
        emailAddress: 'bob@new.example',
        userName: 'bob',
        password: ' p"a,s ',
        userRoot: '/users/bob',
        targetUserName: 'robert',
        targetPassword: null,
      },
    ],
  })
})

describe('the header', () => {
  test('is taken in any case and order, with blanks around', () => {
    expect(
      check([
        ['password', ' USERNAME ', 'emailAddress'],
        ['p', 'bob', 'b@x.example'],
      ]).problems,
    ).toEqual([])
  })

  test.each([
    ['Email Address', 'write EmailAddress'],
    ['user_name', 'write UserName'],
    ['Mailbox', 'known are EmailAddress'],
    ['__proto__', 'known are EmailAddress'],
    ['', 'A column has no name'],
  ])('with a column %p is refused with a hint', (name, hint) => {
    const [problem] = check([
      [...header, name],
      ['b@x.example', 'b', 'p', ''],
    ]).problems
    expect(problem?.line).toBe(1)
    expect(problem?.message).toContain(hint)
  })

  test('may have unknown columns where that is allowed', () => {
    const { rows, problems } = check(
      [
        [...header, '__proto__'],
        ['b@x.example', 'b', 'p', 'x'],
      ],
      {
        ...rules,
        allowsUnknownColumns: true,
      },
    )
    expect(problems).toEqual([])
    expect(rows.length).toBe(1)
  })

  test('without a needed column says why it is needed', () => {
    expect(
      check([
        ['EmailAddress', 'UserName'],
        ['b@x.example', 'b'],
      ]).problems,
    ).toEqual([
      {
        line: 1,
        column: 'Password',
        message: 'The column Password is missing: the source endpoint has no administrator',
      },
    ])
  })

  test('with a column twice is refused', () => {
    expect(places([[...header, 'password'], []])).toEqual([[1, 'Password']])
  })

  test('that is a user is refused without repeating what may be a password', () => {
    const { problems } = check([['bob@x.example', 'bob', 'hunter2']])
    expect(problems.length).toBe(1)
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  })
})

describe('a row', () => {
  test.each([
    ['without an address', ['', 'bob', 'p'], 'EmailAddress'],
    ['with an address that is none', ['bob', 'bob', 'p'], 'EmailAddress'],
    ['with two addresses', ['a@x.example b@x.example', 'bob', 'p'], 'EmailAddress'],
    ['without a user name', ['b@x.example', ' ', 'p'], 'UserName'],
    ['without the password that it needs', ['b@x.example', 'bob', ''], 'Password'],
    ['with a NUL', ['b@x.example', 'bo\0b', 'p'], 'UserName'],
    ['with a line break in a password', ['b@x.example', 'bob', 'p\r\nA1 LOGOUT'], 'Password'],
    ['with an endless cell', ['b@x.example', 'b'.repeat(1001), 'p'], 'UserName'],
    ['with too few cells', ['b@x.example', 'bob'], null],
    ['with too many cells', ['b@x.example', 'bob', 'p', ''], null],
  ])('%s is refused with its place', (_, cells, column) => {
    expect(places([header, ['a@x.example', 'a', 'p'], cells])).toEqual([[3, column]])
  })

  test('is named once for each of its problems, and no password is repeated', () => {
    const { problems } = check([header, ['bob', '', 'hunter\0two']])
    expect(problems.map(({ column }) => column)).toEqual(['EmailAddress', 'Password', 'UserName'])
    expect(JSON.stringify(problems)).not.toContain('hunter')
  })

  test('whose address stood before is refused, in whatever case', () => {
    const { problems } = check([header, ['Bob@x.example', 'a', 'p'], ['bob@X.EXAMPLE', 'b', 'p']])
    expect(problems).toEqual([
      { line: 3, column: 'EmailAddress', message: 'The address "bob@X.EXAMPLE" stands in line 2 already' },
    ])
  })

  test('that is a formula is data like any other', () => {
    expect(check([header, ['b@x.example', '=cmd()', '+1']]).rows[0]).toMatchObject({
      userName: '=cmd()',
      password: '+1',
    })
  })
})

describe('a list', () => {
  test('that is empty is refused', () => {
    expect(check([]).problems.map(({ message }) => message)).toEqual(['The list is empty'])
  })

  test('with a header alone is refused', () => {
    expect(check([header]).problems.map(({ message }) => message)).toEqual(['The list has a header and no rows'])
  })

  test('may have 50,000 rows and no more', () => {
    const rows = Array.from({ length: userListLimits.rowsMax }, (_, i) => [`u${i}@x.example`, `u${i}`, 'p'])
    expect(check([header, ...rows])).toMatchObject({ problems: [] })
    expect(places([header, ...rows, ['one@x.example', 'one', 'p']])).toEqual([[50_002, null]])
  })

  test('that is wrong from end to end is not looked at to its end', () => {
    const rows = Array.from({ length: 5000 }, () => ['', '', ''])
    const { problems } = check([header, ...rows])
    expect(problems.length).toBeGreaterThanOrEqual(userListLimits.problemsMax)
    expect(problems.length).toBeLessThan(userListLimits.problemsMax + 10)
  })
})
