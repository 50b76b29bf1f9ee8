import { expect, test } from 'bun:test'
import { importsOf, readSourceFiles } from './support/source-files.ts'

/** Who may know whom, from the ground up: files and packages whose names begin so. Arrows go up the page only. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'src/domain/': ['node:crypto'],
  'src/platform/': ['src/domain/', 'node:', 'csv-parse'],
  'src/config.ts': ['src/domain/', 'node:path'],
  'src/demo/': ['src/domain/', 'src/platform/', 'node:'],
  'src/connectors/': ['src/domain/', 'src/platform/', 'node:', 'imapflow'],
  'src/engine/': ['src/domain/', 'src/connectors/connector.ts', 'node:crypto'],
  'src/scheduler/': ['src/domain/', 'src/platform/'],
  'db/': ['src/domain/', 'src/platform/', 'node:', 'drizzle-orm', 'libsql'],
  'src/jobs/': ['src/domain/', 'src/platform/', 'src/connectors/', 'src/engine/', 'db/', 'node:crypto'],
  'src/operations/': ['src/domain/', 'src/platform/', 'db/', 'node:crypto'],
  'src/cmdlets/': ['src/domain/', 'src/platform/', 'src/operations/'],
  'views/': ['src/domain/', 'hono/jsx'],
  'src/http/': [
    ...['src/domain/', 'src/platform/', 'src/operations/', 'src/cmdlets/', 'db/queries/', 'views/', 'public/'],
    ...['hono', '@hono/zod-openapi', 'node:crypto'],
  ],
  'src/app.ts': ['src/', 'db/', 'node:'],
  'src/cli/': [
    ...['src/domain/', 'src/platform/', 'src/operations/', 'src/cmdlets/', 'src/http/', 'src/demo/'],
    ...['src/app.ts', 'src/config.ts'],
    ...['package.json', 'node:', 'commander', 'csv-stringify'],
  ],
  'src/main.ts': ['src/cli/', 'node:process'],
}

const files = await readSourceFiles('{src,db,views,public}/**/*.{ts,tsx}')
const imports = files.flatMap((file) => importsOf(file).map((to) => ({ from: file.path, to })))
const arrow = ({ from, to }: { readonly from: string; readonly to: string }) => `${from} imports ${to}`
const layerOf = (path: string) => Object.keys(mayImport).find((layer) => path.startsWith(layer))

test('the imports of every layer are read', () => {
  const read = new Set(imports.map(({ from }) => layerOf(from)))
  expect(Object.keys(mayImport).filter((layer) => !read.has(layer))).toEqual([])
})

test('every file stands in a layer', () => {
  expect(files.map(({ path }) => path).filter((path) => !layerOf(path) && !path.endsWith('.d.ts'))).toEqual([])
})

test('a layer knows only the layers below it', () => {
  const isAllowed = (from: string, to: string) => {
    const layer = layerOf(from) ?? ''
    return [layer, ...(mayImport[layer] ?? [])].some((known) => to.startsWith(known))
  }
  expect(imports.filter(({ from, to }) => !isAllowed(from, to)).map(arrow)).toEqual([])
})

test('a connector never sees another connector', () => {
  const connectorOf = (path: string) => /^src\/connectors\/([^/]+)\//.exec(path)?.[1]
  const isForeign = ({ from, to }: { readonly from: string; readonly to: string }) =>
    connectorOf(to) !== undefined && connectorOf(from) !== undefined && connectorOf(from) !== connectorOf(to)
  expect(imports.filter(isForeign).map(arrow)).toEqual([])
})
