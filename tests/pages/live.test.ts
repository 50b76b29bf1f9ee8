import { afterAll, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import type { LiveProgress } from '../../src/domain/user.ts'
import { closeBrowser, openWindow, type Window } from '../support/chromium.ts'
import { makeBatch, settle } from '../support/http.ts'
import { describeWith } from '../support/need.ts'

afterAll(closeBrowser)

const timeoutMs = 60_000

const progress = (percent: number): LiveProgress => ({
  ...{ itemsTotal: 100, itemsDone: percent, bytesTotal: 1_000_000, bytesDone: percent * 10_000, folder: ['INBOX'] },
})

async function openRunningBatch(window: Window): Promise<number> {
  const id = await makeBatch(window.server)
  await window.server.api('POST', `/batches/${id}/sync`)
  await window.signIn()
  const connected = window.page.waitForResponse((answer) => answer.url().includes('/events'))
  await window.page.goto(`${window.address}/batches/${id}`)
  await connected
  return id
}

describeWith('chromium')('an open page of a batch', () => {
  test(
    'moves while it is looked at, and leaves focus and scrolling alone',
    async () => {
      await using window = await openWindow()
      const { page, server, complaints } = window
      const id = await openRunningBatch(window)
      await page.evaluate(() => Object.assign(window, { wasNeverLoadedAgain: true }))
      await page.getByLabel('Status').focus()
      const row = page.locator('#user-1')
      for (const percent of [10, 45, 80]) {
        server.app.hub.publish({ batchId: id, userId: 1, progress: progress(percent) })
        await row.getByText(`${percent} of 100`).waitFor()
        expect(await row.getByRole('progressbar').getAttribute('aria-valuenow')).toBe(String(percent))
        await page
          .locator('#summary')
          .getByText(`${percent * 10} kB of 1.0 MB`)
          .waitFor()
      }
      await settle(server, id, 'synced')
      server.app.hub.publish({ batchId: id, userId: 1 })
      await page.getByRole('status').getByText('The batch is synced').waitFor({ state: 'attached' })
      await page.getByRole('button', { name: 'Complete' }).waitFor()
      expect(await page.evaluate(() => [document.activeElement?.id, 'wasNeverLoadedAgain' in window])).toEqual([
        'status',
        true,
      ])
      expect(complaints).toEqual([])
    },
    timeoutMs,
  )

  test(
    'catches up by itself after the server was started again',
    async () => {
      await using window = await openWindow()
      const { page, server } = window
      const id = await openRunningBatch(window)
      await window.restart()
      await settle(server, id, 'failed')
      await page.locator('#user-1').getByText('Failed').waitFor()
    },
    timeoutMs,
  )

  test(
    'says when the batch is removed',
    async () => {
      await using window = await openWindow()
      const { page, server } = window
      const id = await openRunningBatch(window)
      const { db } = server.context
      await db.write([
        db.query.run(sql`delete from jobs`),
        db.query.run(sql`delete from users where batch_id = ${id}`),
        db.query.run(sql`delete from batches where id = ${id}`),
      ])
      server.app.hub.publish({ batchId: id })
      await page.getByText('The batch is removed').waitFor()
      expect(await page.locator('#users').count()).toBe(0)
    },
    timeoutMs,
  )

  test(
    'leads to the sign-in when its session has ended',
    async () => {
      await using window = await openWindow()
      await openRunningBatch(window)
      window.server.clock.advance(13 * 3_600_000)
      await window.page.waitForURL(`${window.address}/sign-in`)
    },
    timeoutMs,
  )

  test(
    'loads itself again where scripts are off',
    async () => {
      await using window = await openWindow({ javaScriptEnabled: false })
      const { page, server, address } = window
      const id = await makeBatch(server)
      await server.api('POST', `/batches/${id}/sync`)
      await window.signIn()
      await page.goto(`${address}/batches/${id}`)
      await settle(server, id, 'synced')
      await page.getByRole('button', { name: 'Complete' }).waitFor()
    },
    timeoutMs,
  )
})

describeWith('chromium')('lists', () => {
  test(
    'follow what happens, and ask for nothing that they have',
    async () => {
      await using window = await openWindow()
      const { page, server } = window
      const id = await makeBatch(server)
      await server.api('POST', `/batches/${id}/sync`)
      await window.signIn()
      const unchanged = page.waitForResponse((answer) => answer.status() === 304)
      await unchanged
      await settle(server, id, 'completed')
      await page.locator('#batch-list').getByText('Completed').waitFor()
      expect(window.complaints).toEqual([])
    },
    timeoutMs,
  )
})
