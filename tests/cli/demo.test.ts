import { expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { run } from '../../src/cli/run.ts'
import { recordedShell } from './recorded-shell.ts'

setDefaultTimeout(60_000)

test('the demo without a page migrates and verifies everything, and shows the equation', async () => {
  const shell = recordedShell()
  expect(await run(['demo', '--once'], shell)).toBe(0)
  expect(shell.out()).toContain('2000 at the source = 2000 copied\nChecked 2000 items: no difference\n')
})

test('the demo shows a page while it migrates, and leaves nothing when it ends', async () => {
  const shell = recordedShell()
  const ended = run(['demo'], shell)
  await until(() => shell.out().includes('/sign-in?token='))
  const [link = ''] = /http:\S+/.exec(shell.out()) ?? []
  const [folder = ''] = /(?<=--data )\S+/.exec(shell.out()) ?? []
  expect((await fetch(link)).status).toBe(200)
  expect(existsSync(folder)).toBe(true)
  await until(() => shell.out().includes('The batch is synced: 2000 at the source = 2000 copied'))
  shell.interrupt()
  expect([await ended, existsSync(folder)]).toEqual([0, false])
})

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20))
}
