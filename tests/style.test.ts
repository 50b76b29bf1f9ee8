import { expect, test } from 'bun:test'
import { importsOf, readSourceFiles, type SourceFile } from './support/source-files.ts'

const sources = await readSourceFiles('{src,db,views,public}/**/*.{ts,tsx}')
const tests = await readSourceFiles('tests/**/*.{ts,tsx}')
const project = await readSourceFiles('*', '{src,db,views,public,tests,.ci}/**/*')

/** Files and lines where a pattern stands. */
const found = (files: readonly SourceFile[], pattern: RegExp): readonly string[] =>
  files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  )

test('imports of our own files carry their extension', () => {
  const bare = [...sources, ...tests].flatMap((file) =>
    importsOf(file).filter((to) => /^(src|db|views|public|tests)\//.test(to) && !/\.\w+$/.test(to)),
  )
  expect(bare).toEqual([])
})

test('only the one file that chooses the server knows which runtime it stands on', () => {
  const others = sources.filter(({ path }) => path !== 'src/platform/serve.ts')
  expect(found(others, /\bBun\.|\bDeno\.|['"]bun:|from 'bun'/)).toEqual([])
})

test('no second connection to the database is opened', () => {
  expect(found(sources, /\.transaction\(/)).toEqual([])
  expect(sources.filter((file) => importsOf(file).includes('libsql')).map(({ path }) => path)).toEqual([
    'db/connection.ts',
    'db/migrate.ts',
  ])
})

test('foreign text reaches a page only through JSX, which escapes it', async () => {
  expect(found(sources, /dangerouslySetInnerHTML|from 'hono\/html'/)).toEqual([])
  const scripts = await readSourceFiles('public/app.js')
  expect(found(scripts, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/)).toEqual([])
})

test('no check is switched off and nothing is left for later', () => {
  const marks = /biome-(?:ignore)|@ts-(?:ignore|expect-error|nocheck)|\bTO[D]O\b|\bFIX[M]E\b/
  expect(found([...sources, ...tests], marks)).toEqual([])
})

test('the median source file is under 150 lines', () => {
  const lines = sources.map(({ text }) => text.split('\n').length).sort((a, b) => a - b)
  expect(lines[lines.length >> 1] ?? 0).toBeWithin(1, 150)
})

test('no file names a folder of the machine it was written on, or a host to download from', () => {
  expect(
    found(project, /\/(work|root|Users)\/|registry\.npm|deb\.debian|githubusercontent\.|releases\/download/),
  ).toEqual([])
})

test.each([
  ['htmx.min.js', 'htmx.min.js'],
  ['htmx-sse.min.js', 'ext/hx-sse.min.js'],
  ['htmx-ptag.min.js', 'ext/hx-ptag.min.js'],
])('%s in public is, below its first line, what the pinned package holds', async (ours, theirs) => {
  const [ourFile] = await readSourceFiles(`public/${ours}`)
  const [theirFile] = await readSourceFiles(`node_modules/htmx.org/dist/${theirs}`)
  expect(ourFile?.text.replace(/^.*\n/, '').trim() === theirFile?.text.trim()).toBe(true)
})

test('the lockfile holds no download address, and every package but those of other systems has its hash', async () => {
  const { packages } = JSON.parse((await readSourceFiles('package-lock.json'))[0]?.text ?? '')
  const entries = Object.entries<{ resolved?: string; integrity?: string; optional?: boolean }>(packages)
  expect(entries.filter(([, { resolved }]) => resolved !== undefined).map(([name]) => name)).toEqual([])
  const unhashed = entries.filter(([name, { integrity, optional }]) => name !== '' && !integrity && !optional)
  expect(unhashed.map(([name]) => name)).toEqual([])
})
