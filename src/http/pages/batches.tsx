/** @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import { BatchList, BatchListPage } from '../../../views/batches/list.tsx'
import { type BatchDraft, emptyBatchDraft, NewBatchPage } from '../../../views/batches/new.tsx'
import { Problems } from '../../../views/parts/problems.tsx'
import { createBatch, listBatches } from '../../operations/batches.ts'
import { listEndpoints } from '../../operations/endpoints.ts'
import { asRefused, formAgain, fragment, page, seeOther } from '../answers.tsx'
import { type Form, listBody, readForm } from '../body.ts'
import { contextOf, type Env, wantsFragment } from '../environment.ts'

/** The list of batches, and making one. */
export function batchListRoutes(): Hono<Env> {
  const app = new Hono<Env>()

  app.get('/', (c) => c.redirect('/batches', 303))

  app.get('/batches', async (c) => {
    const batches = await listBatches(contextOf(c))
    if (wantsFragment(c)) return fragment(c, <BatchList batches={batches} />)
    const hasEndpoints = batches.length > 0 || (await listEndpoints(contextOf(c))).length > 0
    return page(c, <BatchListPage batches={batches} hasEndpoints={hasEndpoints} />)
  })

  app.get('/batches/new', async (c) => {
    const endpoints = await listEndpoints(contextOf(c))
    return page(c, <NewBatchPage draft={emptyBatchDraft} endpoints={endpoints} refused={null} />)
  })

  app.post('/batches', listBody, async (c) => {
    const form = await readForm(c)
    const draft = draftOf(form)
    try {
      const batch = await createBatch(contextOf(c), {
        ...draft,
        incrementalEveryMs: Number(draft.incrementalEveryHours) * 3_600_000,
        csv: await form.list('csvFile', 'csvText'),
      })
      return seeOther(c, `/batches/${batch.id}`)
    } catch (error) {
      const refused = asRefused(error)
      const endpoints = await listEndpoints(contextOf(c))
      return formAgain(
        c,
        refused,
        () => <NewBatchPage draft={draft} endpoints={endpoints} refused={refused} />,
        () => <Problems refused={refused} />,
      )
    }
  })
  return app
}

const draftOf = (form: Form): BatchDraft => ({
  name: form.text('name'),
  sourceEndpoint: form.text('sourceEndpoint'),
  targetEndpoint: form.text('targetEndpoint'),
  incrementalEveryHours: form.text('incrementalEveryHours'),
  allowUnknownColumns: form.isOn('allowUnknownColumns'),
  autoStart: form.isOn('autoStart'),
})
