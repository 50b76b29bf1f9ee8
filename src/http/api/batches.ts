import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import {
  addUsers,
  batchReport,
  changeBatch,
  completeBatch,
  createBatch,
  listBatches,
  prioritizeBatch,
  removeBatch,
  retryBatch,
  showBatch,
  stopBatch,
} from '../../operations/batches.ts'
import { verification, verifyBatch } from '../../operations/verification.ts'
import { listBody, smallBody } from '../body.ts'
import { contextOf, type Env } from '../environment.ts'
import { startOrSync } from '../start-or-sync.ts'
import { batchContent, changesFrom, listContent, readList, readNewBatch } from './batch-input.ts'
import {
  batchChangesSchema,
  completionSchema,
  prioritySchema,
  removalQuerySchema,
  verificationRequestSchema,
} from './inputs.ts'
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
  change: createRoute({
    method: 'patch',
    path: '/batches/{id}',
    tags,
    summary: 'Change a batch; its endpoints only while nothing of it runs',
    middleware: smallBody,
    request: { ...one, body: jsonBody(batchChangesSchema) },
    responses: answers(batchSchema, 'The batch as it is now'),
  }),
  addUsers: createRoute({
    method: 'post',
    path: '/batches/{id}/users',
    tags,
    summary: 'Add the users of a list whose addresses are new in the batch',
    middleware: listBody,
    request: { ...one, body: { content: listContent } },
    responses: answers(z.object({ added: z.int(), known: z.int() }), 'How many were added, and how many stood there'),
  }),
  complete: createRoute({
    method: 'post',
    path: '/batches/{id}/completion',
    tags,
    summary: 'Make the final pass, verify and end the migration',
    middleware: smallBody,
    request: { ...one, body: { content: { 'application/json': { schema: completionSchema } } } },
    responses: accepted(batchSchema, 'The batch as it is now'),
  }),
  prioritize: createRoute({
    method: 'post',
    path: '/batches/{id}/priority',
    tags,
    summary: 'Let the users of a batch go before those of all others, or after them',
    middleware: smallBody,
    request: { ...one, body: jsonBody(prioritySchema) },
    responses: answers(batchSchema, 'The batch as it is now'),
  }),
  retry: asked('post', '/batches/{id}/retry', 'Try the failed users again'),
  remove: createRoute({
    method: 'delete',
    path: '/batches/{id}',
    tags,
    summary: 'Remove a batch; what it copied stays known. By force, what runs of it is ended first',
    request: { ...one, query: removalQuerySchema },
    responses: accepted(batchSchema, 'The batch as it is now'),
  }),
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
    .openapi(routes.change, async (c) =>
      c.json(
        batchJson(await changeBatch(contextOf(c), c.req.valid('param').id, changesFrom(c.req.valid('json')))),
        200,
      ),
    )
    .openapi(routes.addUsers, async (c) =>
      c.json(await addUsers(contextOf(c), c.req.valid('param').id, await readList(c)), 200),
    )
    .openapi(routes.complete, async (c) =>
      c.json(batchJson(await completeBatch(contextOf(c), c.req.valid('param').id, c.req.valid('json'))), 202),
    )
    .openapi(routes.prioritize, async (c) =>
      c.json(batchJson(await prioritizeBatch(contextOf(c), c.req.valid('param').id, c.req.valid('json').to)), 200),
    )
    .openapi(routes.retry, async (c) => c.json(batchJson(await retryBatch(contextOf(c), c.req.valid('param').id)), 202))
    .openapi(routes.remove, async (c) => {
      const isForced = c.req.valid('query').force === 'true'
      return c.json(batchJson(await removeBatch(contextOf(c), c.req.valid('param').id, { isForced })), 202)
    })
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
