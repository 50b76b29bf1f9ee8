/** @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import { BatchPage } from '../../../views/batches/page.tsx'
import { RemovalPage } from '../../../views/batches/removal.tsx'
import { UpdateUsersPage } from '../../../views/batches/update.tsx'
import { Problems } from '../../../views/parts/problems.tsx'
import type { Batch } from '../../domain/batch.ts'
import { Refusal } from '../../domain/refusal.ts'
import { completeBatch, removeBatch, retryBatch, showBatch, stopBatch } from '../../operations/batches.ts'
import type { Context } from '../../operations/context.ts'
import { listUsers, updateUsersFromCsv } from '../../operations/users.ts'
import { verification, verifyBatch } from '../../operations/verification.ts'
import { asRefused, formAgain, page, seeOther } from '../answers.tsx'
import { listBody, readForm, smallBody } from '../body.ts'
import { type Ctx, contextOf, type Env } from '../environment.ts'
import { batchEvents } from '../events.tsx'
import { totalsNow, userNow } from '../reads.ts'
import { startOrSync } from '../start-or-sync.ts'
import { userQuery, userView } from './user-view.ts'

const idOf = (c: Ctx): string => c.req.param('id') ?? ''

/** One batch: its page, its stream, and what can be asked of it. */
export function batchRoutes(): Hono<Env> {
  const app = new Hono<Env>()
  app.get('/batches/:id', async (c) => showPage(c, await showBatch(contextOf(c), idOf(c))))
  app.get('/batches/:id/events', batchEvents)

  // A verb on a batch is a thing of its own that a form can post to.
  for (const [path, act] of Object.entries(actions)) {
    app.post(`/batches/:id/${path}`, async (c) => {
      const batch = await act(contextOf(c), idOf(c))
      return seeOther(c, `/batches/${batch.id}`)
    })
  }

  app.post('/batches/:id/verification', smallBody, async (c) => {
    const readsData = (await readForm(c)).isOn('readsData')
    const batch = await verifyBatch(contextOf(c), idOf(c), { readsData })
    return seeOther(c, `/batches/${batch.id}#verification`)
  })

  app.get('/batches/:id/removal', async (c) => {
    const batch = await showBatch(contextOf(c), idOf(c))
    return page(c, <RemovalPage batch={batch} refused={null} />)
  })

  app.post('/batches/:id/removal', smallBody, async (c) => {
    const batch = await showBatch(contextOf(c), idOf(c))
    if ((await readForm(c)).text('name') !== batch.name) {
      const refused = new Refusal('invalid', `Type the name of the batch to remove it: ${batch.name}`)
      return page(c, <RemovalPage batch={batch} refused={refused} />, 422)
    }
    await removeBatch(contextOf(c), batch.id)
    return seeOther(c, '/batches')
  })

  app.get('/batches/:id/users/updates', async (c) => {
    const batch = await showBatch(contextOf(c), idOf(c))
    return page(c, <UpdateUsersPage batch={batch} refused={null} updated={countOf(c.req.query('updated'))} />)
  })

  app.post('/batches/:id/users/updates', listBody, updateUsers)
  return app
}

const actions: Readonly<Record<string, (context: Context, nameOrId: string) => Promise<Batch>>> = {
  sync: startOrSync,
  stop: stopBatch,
  retry: retryBatch,
  completion: completeBatch,
}

async function showPage(c: Ctx, batch: Batch): Promise<Response> {
  const { shared } = c.var
  const [totals, users, verified] = await Promise.all([
    totalsNow(shared, batch),
    listUsers(contextOf(c), batch.id, userQuery(c)),
    verification(contextOf(c), batch.id),
  ])
  return page(
    c,
    <BatchPage
      batch={batch}
      totals={totals}
      users={users.items.map((user) => userNow(shared, user))}
      nextCursor={users.nextCursor}
      view={userView(c)}
      verification={verified}
    />,
  )
}

async function updateUsers(c: Ctx): Promise<Response> {
  const batch = await showBatch(contextOf(c), idOf(c))
  const form = await readForm(c)
  try {
    const updated = await updateUsersFromCsv(contextOf(c), batch.id, await form.list('csvFile', 'csvText'))
    return seeOther(c, `/batches/${batch.id}/users/updates?updated=${updated}`)
  } catch (error) {
    const refused = asRefused(error)
    return formAgain(
      c,
      refused,
      () => <UpdateUsersPage batch={batch} refused={refused} updated={null} />,
      () => <Problems refused={refused} />,
    )
  }
}

const countOf = (text: string | undefined): number | null => (text && /^\d{1,9}$/.test(text) ? Number(text) : null)
