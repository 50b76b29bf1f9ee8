import { afterAll, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { userListLimits } from '../../src/domain/user-list.ts'
import { closeBrowser, openWindow } from '../support/chromium.ts'
import { makeBatch, makeEndpoints, settle } from '../support/http.ts'
import { describeWith } from '../support/need.ts'

afterAll(closeBrowser)

const timeoutMs = 120_000
const paths = [
  ...['/batches', '/batches/1', '/batches/1/removal', '/batches/1/users/updates', '/batches/new', '/users/1'],
  ...['/endpoints', '/endpoints/1', '/endpoints/new', '/nothing', '/sign-in'],
]

const foreign = `<img src=x onerror=alert(1)><script>alert(2)</script>"' ${'long'.repeat(60)}`

describeWith('chromium')('the pages', () => {
  test.each([
    ['light', 1280],
    ['light', 400],
    ['dark', 1280],
    ['dark', 400],
  ] as const)(
    'fit into a %s window of %d pixels and run no foreign script',
    async (colorScheme, width) => {
      await using window = await openWindow({ colorScheme, viewport: { width, height: 900 } })
      const { page, server, address, complaints } = window
      const id = await makeBatch(server, 'Sales')
      await settle(server, id, 'failed')
      const error = JSON.stringify({
        ...{ code: 'sign-in.refused', side: 'source', at: 1, message: foreign, meaning: foreign, remedy: foreign },
      })
      const { db } = server.context
      await db.write([
        db.query.run(sql`update users set error = ${error}, source_user_name = ${foreign}`),
        db.query.run(sql`update users set email_address = ${`${foreign}@example.org`} where id = 1`),
      ])
      await window.signIn()
      for (const path of paths) {
        await page.goto(address + path)
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect([path, overflow]).toEqual([path, 0])
        const small = await page
          .locator('button, select, input:not([type=hidden]), .button, nav a, tbody th a')
          .evaluateAll(
            (elements) =>
              elements
                .map((element) => ({ box: element.getBoundingClientRect(), label: element.closest('label') }))
                .map(({ box, label }) => label?.getBoundingClientRect() ?? box)
                .filter(({ width, height }) => width > 0 && (width < 24 || height < 24)).length,
          )
        expect([path, small]).toEqual([path, 0])
      }
      expect(complaints).toEqual([])
    },
    timeoutMs,
  )

  test(
    'show where the keyboard is, and let it skip to the content',
    async () => {
      await using window = await openWindow()
      const { page, address } = window
      await window.signIn()
      await page.goto(`${address}/endpoints/new`)
      await page.keyboard.press('Tab')
      expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Skip to the content')
      expect(await page.getByRole('link', { name: 'Skip to the content' }).isVisible()).toBe(true)
      for (let press = 0; press < 12; press += 1) {
        await page.keyboard.press('Tab')
        const width = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineWidth)
        expect(width).toBe('2px')
      }
    },
    timeoutMs,
  )

  test(
    'say in a sentence that a list is too large',
    async () => {
      await using window = await openWindow()
      const { page, server, address } = window
      await makeEndpoints(server)
      await window.signIn()
      await page.goto(`${address}/batches/new`)
      await page.getByLabel('Name', { exact: true }).fill('Large')
      await page.getByLabel('From').selectOption({ index: 1 })
      await page.getByLabel('To').selectOption({ index: 2 })
      const buffer = Buffer.alloc(userListLimits.bytesMax + 1, 'a')
      await page.getByLabel('CSV file').setInputFiles({ name: 'large.csv', mimeType: 'text/csv', buffer })
      await page.getByRole('button', { name: 'Create the batch' }).click()
      await page.getByText('The list is larger than 10 MB').waitFor()
      expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Large')
      expect(await page.getByRole('heading', { level: 1 }).allTextContents()).toEqual(['New batch'])
    },
    timeoutMs,
  )
})
