import { expect, test } from 'bun:test'
import { verbs } from '../src/cli/commands.ts'
import { exitCodes, exitMeanings } from '../src/cli/exit-codes.ts'
import { settings } from '../src/config.ts'
import { userColumns } from '../src/domain/user-list.ts'
import { readSourceFiles } from './support/source-files.ts'

const [readme] = await readSourceFiles('README.md')
const text = readme?.text ?? ''
const tables = text.replace(/ +/g, ' ')

test('the README names only files that exist', async () => {
  const named = [...text.matchAll(/(?:tests|public|src)\/[\w/.-]+\.(?:ts|svg)\b/g)].map(([path]) => path)
  expect(named.length).toBeGreaterThan(20)
  expect((await readSourceFiles(...named)).length).toBe(new Set(named).size)
})

test('the README tells every exit code as the help does', () => {
  const rows = Object.entries(exitMeanings).map(([name, meaning]) => `| ${Reflect.get(exitCodes, name)} | ${meaning} |`)
  expect(rows.filter((row) => !tables.includes(row))).toEqual([])
})

test('the README names every command, setting and column', () => {
  const words = [
    ...verbs.map(({ path }) => path.split(' ').at(-1) ?? path),
    ...Object.values(settings).flatMap(({ name, variable }) => [`--${name}`, variable]),
    ...userColumns,
  ]
  expect(words.filter((word) => !new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(text))).toEqual([])
})
