import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'

const root = join(import.meta.dir, '../..')
const deno = Bun.which('deno', { PATH: join(root, 'node_modules/.bin') })

if (deno === null) console.warn('Skipped: deno is not installed')

describe.skipIf(deno === null)('under Deno', () => {
  test('the server serves its made-up mail', async () => {
    const permissions = ['--no-prompt', '--cached-only', '--allow-net=127.0.0.1', '--allow-env']
    const script = join(root, 'tests/support/demo-server-process.ts')
    const child = Bun.spawn([deno ?? 'deno', 'run', '--quiet', ...permissions, script], {
      cwd: root,
      stderr: 'inherit',
    })
    expect(await new Response(child.stdout).text()).toBe('150 4\n')
    expect(await child.exited).toBe(0)
  }, 20_000)
})
