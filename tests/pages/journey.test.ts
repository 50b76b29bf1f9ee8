import { afterAll, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { closeBrowser, openWindow } from '../support/chromium.ts'
import { describeWith } from '../support/need.ts'

afterAll(closeBrowser)

const timeoutMs = 60_000

async function addEndpoint(page: Page, name: string, admin: string | null): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Endpoints' }).click()
  await page.getByRole('link', { name: /New endpoint|Add the first endpoint/ }).click()
  await page.getByLabel('Name', { exact: true }).first().fill(name)
  await page.getByLabel('Host').fill(`${name}.example`)
  if (admin !== null) {
    await page.getByLabel('Mailboxes are opened').selectOption('authzid')
    await page.getByText('Administrator', { exact: true }).click()
    await page.locator('#adminName').fill(admin)
    await page.locator('#adminPassword').fill('secret')
  }
  await page.getByRole('button', { name: 'Create the endpoint' }).click()
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
}

async function fillBatch(page: Page, name: string, csv: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('From').selectOption({ label: 'old (old.example)' })
  await page.getByLabel('To', { exact: true }).selectOption({ label: 'new (new.example)' })
  await page.getByLabel('or paste its lines here').fill(csv)
  await page.getByRole('button', { name: 'Create the batch' }).click()
}

const bad = 'EmailAddress,UserName,Password\nalice@example.org,alice,x\nbob@example.org,,y\n'
const good = bad.replace(',,', ',bob,')

describeWith('chromium')('from the first link to a batch that runs', () => {
  test.each([
    ['with scripts', true],
    ['with scripts off', false],
  ])(
    '%s',
    async (_, javaScriptEnabled) => {
      await using window = await openWindow({ javaScriptEnabled })
      const { page, address, complaints } = window
      await page.goto(address)
      expect(page.url()).toBe(`${address}/sign-in`)
      await window.signIn()

      await addEndpoint(page, 'old', null)
      await addEndpoint(page, 'new', 'master')
      await page.goto(`${address}/batches`)
      await page.getByRole('link', { name: 'Make the first batch' }).click()

      await fillBatch(page, 'Sales', bad)
      const problem = page.getByRole('row', { name: /UserName is empty/ })
      await problem.waitFor()
      expect(await problem.getByRole('cell').allInnerTexts()).toEqual(['3', 'UserName', expect.any(String)])
      expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Sales')
      // What was pasted holds passwords: it stays in the browser, and is never sent back by the server.
      const pasted = await page.getByLabel('or paste its lines here').inputValue()
      expect(pasted).toBe(javaScriptEnabled ? bad : '')

      await fillBatch(page, 'Sales', good)
      await page.waitForURL(`${address}/batches/1`)
      expect(await page.locator('#summary .badge').first().textContent()).toContain('Syncing')
      await page.getByRole('link', { name: 'alice@example.org' }).waitFor()

      await page.getByRole('button', { name: 'Stop' }).click()
      await page.getByRole('button', { name: 'Resume' }).waitFor()
      await page.getByRole('link', { name: 'Remove…' }).click()
      await page.getByLabel(/Type the name/).fill('Sales')
      await page.getByRole('button', { name: 'Remove the batch' }).click()
      await page.waitForURL(`${address}/batches`)
      expect(complaints).toEqual([])
    },
    timeoutMs,
  )
})

describeWith('chromium')('the sign-in link', () => {
  test(
    'is used up by opening it once',
    async () => {
      await using window = await openWindow()
      const { page, address, context, server } = window
      const link = address + server.http.signInPath()
      await page.goto(link)
      await page.waitForURL(`${address}/batches`)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${address}/sign-in`)
      await page.goto(link)
      await page.getByText('This link was used already').waitFor()
      expect((await context.cookies()).filter(({ value }) => value !== '')).toEqual([])
    },
    timeoutMs,
  )
})
