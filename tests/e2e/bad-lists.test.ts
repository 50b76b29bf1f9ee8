import { afterAll, beforeAll, expect, test } from 'bun:test'
import { describeWith } from '../support/need.ts'
import { refused } from './api.ts'
import { newCase } from './case.ts'
import { type Served, startServed } from './world.ts'

const testMs = 30_000

/** What each list is refused for: the line, the column, and words of the sentence. */
const badLists: Readonly<
  Record<string, readonly [csv: string, line: number | null, column: string | null, words: RegExp]>
> = {
  'an unknown column': [
    'EmailAddress,UserName,Password,TargetPassword,Nickname\na@x.org,a,p,p,al',
    1,
    'Nickname',
    /"Nickname" is unknown/,
  ],
  'a column with a slip': [
    'Email Address,UserName,Password,TargetPassword\na@x.org,a,p,p',
    1,
    'Email Address',
    /EmailAddress/,
  ],
  'a missing column': ['EmailAddress,UserName,Password\na@x.org,a,p', 1, 'TargetPassword', /missing/],
  'a column that stands twice': [
    'EmailAddress,UserName,Password,TargetPassword,Password\na@x.org,a,p,p,p',
    1,
    'Password',
    /2 times/,
  ],
  'an address that stands twice': [
    'EmailAddress,UserName,Password,TargetPassword\na@x.org,a,p,p\nb@x.org,b,p,p\nA@X.org,c,p,p',
    4,
    'EmailAddress',
    /line 2 already/,
  ],
  'what is no address': ['EmailAddress,UserName,Password,TargetPassword\nnobody,a,p,p', 2, 'EmailAddress', /"nobody"/],
  'an empty cell': ['EmailAddress,UserName,Password,TargetPassword\na@x.org,a,,p', 2, 'Password', /empty/],
  'a row that is too long': ['EmailAddress,UserName,Password,TargetPassword\na@x.org,a,p,p,p', 2, null, /5 cells/],
  'a line break in a cell': [
    'EmailAddress,UserName,Password,TargetPassword\na@x.org,"a\nb",p,p',
    2,
    'UserName',
    /control character or a line break/,
  ],
  'no header': ['a@x.org,a,canary-password,p', 1, null, /name the columns/],
  'nothing in it': ['', null, null, /empty/],
  'a header alone': ['EmailAddress,UserName,Password,TargetPassword\n', null, null, /no rows/],
}

describeWith('dovecot', 'openssl')('a list of users', () => {
  let run: Served

  beforeAll(async () => {
    run = await startServed()
  }, testMs)
  afterAll(() => run[Symbol.asyncDispose]())

  test.each(Object.keys(badLists))('a list with %s is refused with its place, and nothing is made', async (what) => {
    const { api } = run
    const { name } = newCase(run)
    const [csv, line, column, words] = badLists[what] ?? ['', null, null, /never/]
    const before = await api.all('/batches')
    const asked = api.ask('POST', '/batches', { name, sourceEndpoint: 'source', targetEndpoint: 'target', csv })
    const { problems, code } = await refused(asked, 422)
    expect(code).toBe('invalid')
    expect(problems[0]).toMatchObject({ line, column, message: expect.stringMatching(words) })
    expect(JSON.stringify(problems)).not.toContain('canary-password')
    expect(await api.all('/batches')).toEqual(before)
  })

  test('all mistakes of a list are told at once', async () => {
    const { api } = run
    const { name } = newCase(run)
    const csv = 'EmailAddress,UserName,Password,TargetPassword\nnobody,a,p,p\nb@x.org,,p,p\nc@x.org,c,,'
    const asked = api.ask('POST', '/batches', { name, sourceEndpoint: 'source', targetEndpoint: 'target', csv })
    const places = (await refused(asked, 422)).problems.map(({ line, column }) => `${line} ${column}`)
    expect(places).toEqual(['2 EmailAddress', '3 UserName', '4 Password', '4 TargetPassword'])
  })

  test('an unknown column is passed over where that is asked for', async () => {
    const { create } = newCase(run)
    const csv = 'EmailAddress,UserName,Password,TargetPassword,Nickname\na@x.org,a,p,p,al'
    expect(await create(csv, { allowUnknownColumns: true })).toMatchObject({ counts: { total: 1 } })
  })

  test('a batch of a name that is taken, or between endpoints that are not there, is refused', async () => {
    const { api } = run
    const { name, user, listed, create } = newCase(run)
    await create(listed(user))
    const again = { name, sourceEndpoint: 'source', targetEndpoint: 'target', csv: listed(user) }
    expect((await refused(api.ask('POST', '/batches', again), 409)).detail).toContain(`"${name}"`)
    const astray = { ...again, name: `${name}-astray`, targetEndpoint: 'nowhere' }
    expect((await refused(api.ask('POST', '/batches', astray), 404)).detail).toContain('nowhere')
  })
})
