import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram, reasonAgainst } from './need.ts'
import { startProc } from './proc.ts'

test('a program is found outside the path of a user too, and one that is nowhere is not', () => {
  expect(findProgram('sh')).toMatch(/\/sh$/)
  expect(findProgram('postferry-that-nobody-has')).toBeNull()
})

test('a program that is there has no reason against it', () => {
  const isThere = findProgram('openssl') !== null
  expect(reasonAgainst('openssl') === null).toBe(isThere)
})

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postferry-need-'))
  const here = JSON.stringify(join(import.meta.dir, 'need.ts'))
  const body = `import { test } from 'bun:test'\nimport { describeWith } from ${here}\n`
  await writeFile(
    join(folder, 'needy.test.ts'),
    `${body}describeWith('chromium')('needy', () => test('runs', () => {}))\n`,
  )
})
afterAll(() => rm(folder, { recursive: true }))

test.each([
  ['skips with the reason', 'false', 0, 'Skipped: Chromium (Debian: chromium) is not installed'],
  ['fails in CI', 'true', 1, 'Cannot run these tests: Chromium (Debian: chromium) is not installed'],
])('a test whose program is missing %s', async (_, CI, code, message) => {
  await using proc = startProc([process.execPath, 'test', './needy.test.ts'], {
    cwd: folder,
    env: { PATH: '/none', CI },
  })
  expect(await proc.exited).toBe(code)
  expect(proc.output()).toContain(message)
})
