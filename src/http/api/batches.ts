import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import {
  batchReport,
  completeBatch,
  createBatch,
  listBatches,
  removeBatch,
  retryBatch,
  showBatch,
  stopBatch,
} from '../../operations/batches.ts'
import { verification, verifyBatch } from '../../operations/verification.ts'
import { listBody, smallBody } from '../body.ts'
import { contextOf, type Env } from '../environment.ts'
import { startOrSync } from '../start-or-sync.ts'
import { batchContent, readNewBatch } from './batch-input.ts'
import { verificationRequestSchema } from './inputs.ts'
import { batchJson, reportJson, verificationJson } from './present.ts'
import { reportSchema, verificationSchema } from './result-schemas.ts'
import { accepted, answers, apiPart, created, idParam, jsonBody } from './routes.ts'
import { batchSchema, pageOf } from './schemas.ts'

const tags = ['Batches']
const one = idParam('Name or id of a batch')

/** Something asked of a batch, which goes on after the answer. */
const asked = <const M extends 'post' | 'delete', const P extends string>(method: M, path: P, summary: string) =>
  createRoute({ method, path, tags, summary, request: one, responses: accepted(batchSchema, 'The batch as it is now') })

const routes = {
  create: createRoute({
    method: 'post',
    path: '/batches',
    tags,
    summary: 'Make a batch from a list of mailboxes; all of it or nothing',
    middleware: listBody,
    request: { body: { content: batchContent } },
    responses: created(batchSchema, 'The new batch'),
  }),
  list: createRoute({
    method: 'get',
    path: '/batches',
    tags,
    summary: 'List the batches',
    responses: answers(pageOf(batchSchema), 'All batches, the newest first'),
  }),
  show: createRoute({
    method: 'get',
    path: '/batches/{id}',
    tags,
    summary: 'Show one batch',
    request: one,
    responses: answers(batchSchema, 'The batch'),
  }),
  start: asked('post', '/batches/{id}/sync', 'Start or resume a batch; a synced one brings over what is new'),
  stop: asked('delete', '/batches/{id}/sync', 'Stop a batch'),
  complete: asked('post', '/batches/{id}/completion', 'Make the final pass, verify and end the migration'),
  retry: asked('post', '/batches/{id}/retry', 'Try the failed users again'),
  remove: asked('delete', '/batches/{id}', 'Remove a batch; what it copied stays known'),
  verify: createRoute({
    method: 'post',
    path: '/batches/{id}/verification',
    tags,
    summary: 'Read both servers again and compare',
    middleware: smallBody,
    request: { ...one, body: jsonBody(verificationRequestSchema) },
    responses: accepted(batchSchema, 'The batch as it is now'),
  }),
  verification: createRoute({
    method: 'get',
    path: '/batches/{id}/verification',
    tags,
    summary: 'Show what the last verification found',
    request: one,
    responses: answers(verificationSchema, 'The verification, perhaps still under way'),
  }),
  report: createRoute({
    method: 'get',
    path: '/batches/{id}/report',
    tags,
    summary: 'Show what became of every item',
    request: one,
    responses: answers(reportSchema, 'The report'),
  }),
}

export const batchApi = (): OpenAPIHono<Env> =>
  apiPart()
    .openapi(routes.create, async (c) => c.json(batchJson(await createBatch(contextOf(c), await readNewBatch(c))), 201))
    .openapi(routes.list, async (c) => {
      const batches = await listBatches(contextOf(c))
      return c.json({ items: batches.map(batchJson), nextCursor: null }, 200)
    })
    .openapi(routes.show, async (c) => c.json(batchJson(await showBatch(contextOf(c), c.req.valid('param').id)), 200))
    .openapi(routes.start, async (c) =>
      c.json(batchJson(await startOrSync(contextOf(c), c.req.valid('param').id)), 202),
    )
    .openapi(routes.stop, async (c) => c.json(batchJson(await stopBatch(contextOf(c), c.req.valid('param').id)), 202))
    .openapi(routes.complete, async (c) =>
      c.json(batchJson(await completeBatch(contextOf(c), c.req.valid('param').id)), 202),
    )
    .openapi(routes.retry, async (c) => c.json(batchJson(await retryBatch(contextOf(c), c.req.valid('param').id)), 202))
    .openapi(routes.remove, async (c) =>
      c.json(batchJson(await removeBatch(contextOf(c), c.req.valid('param').id)), 202),
    )
    .openapi(routes.verify, async (c) => {
      const batch = await verifyBatch(contextOf(c), c.req.valid('param').id, c.req.valid('json'))
      return c.json(batchJson(batch), 202)
    })
    .openapi(routes.verification, async (c) =>
      c.json(verificationJson(await verification(contextOf(c), c.req.valid('param').id)), 200),
    )
    .openapi(routes.report, async (c) =>
      c.json(reportJson(await batchReport(contextOf(c), c.req.valid('param').id)), 200),
    )
