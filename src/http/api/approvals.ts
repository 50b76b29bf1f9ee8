import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { issueKinds } from '../../domain/consistency.ts'
import {
  approveBatch,
  approveItem,
  approveUser,
  type SkippedPage,
  savedMessage,
  skippedItems,
  skippedItemsOf,
} from '../../operations/approvals.ts'
import { showUser } from '../../operations/users.ts'
import { savedName } from '../../platform/saved-messages.ts'
import { smallBody } from '../body.ts'
import { type Ctx, contextOf, type Env } from '../environment.ts'
import { batchQuerySchema } from './inputs.ts'
import { answers, apiPart, idParam, jsonBody, problemAnswer } from './routes.ts'
import { count, issueSchema, maybeTime, pageOf } from './schemas.ts'

const tags = ['Approvals']
const ofBatch = idParam('Name or id of a batch')
const ofUser = { ...idParam('E-mail address or id of a user'), query: batchQuerySchema }

const skippedSchema = issueSchema
  .extend({
    userId: z.int(),
    emailAddress: z.string(),
    folderId: z.int(),
    uidValidity: z.int(),
    kind: z.enum(issueKinds as [string, ...string[]]),
    receivedAt: z.string().optional(),
    messages: count.optional(),
    approval: z.object({ by: z.string(), reason: z.string(), at: maybeTime }).nullable(),
    savedBytes: count.nullable().openapi({ description: 'Length of the content that was kept aside' }),
  })
  .openapi('SkippedItem')

const approvalSchema = z
  .strictObject({ reason: z.string(), by: z.string().max(100).optional() })
  .openapi('GivenApproval')

const itemSchema = approvalSchema.extend({ folderId: z.int(), sourceUid: z.int() }).openapi('GivenItemApproval')

const approved = answers(
  z.object({ items: count, waitingUsers: count }).openapi('Approved'),
  'How many items were approved, and how many users of the batch still wait',
)

const approve = <const P extends string, R extends typeof ofBatch, B extends z.ZodType>(
  path: P,
  request: R,
  body: B,
  summary: string,
) =>
  createRoute({
    method: 'post',
    path,
    tags,
    summary,
    middleware: smallBody,
    request: { ...request, body: jsonBody(body) },
    responses: approved,
  })

const cursorQuery = z.object({ cursor: z.string().optional() })

const list = <const P extends string>(path: P, of: ReturnType<typeof idParam>, summary: string) =>
  createRoute({
    method: 'get',
    path,
    tags,
    summary,
    request: { ...of, query: cursorQuery.extend({ batch: z.string().optional() }) },
    responses: answers(pageOf(skippedSchema), 'Skipped items, and where the next ones begin'),
  })

const routes = {
  skipped: list('/batches/{id}/skipped', ofBatch, 'List what was skipped of all users of a batch'),
  skippedOf: list('/users/{id}/skipped', ofUser, 'List what was skipped of a user'),
  batch: approve(
    '/batches/{id}/approval',
    ofBatch,
    approvalSchema,
    'Approve all that was skipped of a batch up to now',
  ),
  user: approve('/users/{id}/approval', ofUser, approvalSchema, 'Approve all that was skipped of a user up to now'),
  item: approve('/users/{id}/skipped/approval', ofUser, itemSchema, 'Approve one skipped item'),
  message: createRoute({
    method: 'get',
    path: '/users/{id}/skipped/{folderId}/{uidValidity}/{sourceUid}/message',
    tags,
    summary: 'Get the content of a skipped message that was kept aside',
    request: {
      params: z.object({
        id: z.string(),
        folderId: z.coerce.number().int().nonnegative(),
        uidValidity: z.coerce.number().int().nonnegative(),
        sourceUid: z.coerce.number().int().nonnegative(),
      }),
      query: batchQuerySchema,
    },
    responses: {
      200: {
        description: 'The message as it stands at the source',
        content: { 'message/rfc822': { schema: z.string() } },
      },
      default: problemAnswer,
    },
  }),
}

export const approvalApi = (): OpenAPIHono<Env> =>
  apiPart()
    .openapi(routes.skipped, async (c) =>
      c.json(pageJson(await skippedItems(contextOf(c), c.req.valid('param').id, c.req.valid('query').cursor)), 200),
    )
    .openapi(routes.skippedOf, async (c) => {
      const { cursor, batch } = c.req.valid('query')
      const { id } = await showUser(contextOf(c), c.req.valid('param').id, batch)
      return c.json(pageJson(await skippedItemsOf(contextOf(c), id, cursor)), 200)
    })
    .openapi(routes.batch, async (c) =>
      c.json(await approveBatch(contextOf(c), c.req.valid('param').id, given(c, c.req.valid('json'))), 200),
    )
    .openapi(routes.user, async (c) => {
      const { id } = await showUser(contextOf(c), c.req.valid('param').id, c.req.valid('query').batch)
      return c.json(await approveUser(contextOf(c), id, given(c, c.req.valid('json'))), 200)
    })
    .openapi(routes.item, async (c) => {
      const { id } = await showUser(contextOf(c), c.req.valid('param').id, c.req.valid('query').batch)
      const { folderId, sourceUid, ...approval } = c.req.valid('json')
      return c.json(await approveItem(contextOf(c), { userId: id, folderId, sourceUid }, given(c, approval)), 200)
    })
    .openapi(routes.message, async (c) => {
      const { id: idOrAddress, ...place } = c.req.valid('param')
      const { id } = await showUser(contextOf(c), idOrAddress, c.req.valid('query').batch)
      const content = await savedMessage(contextOf(c), id, place)
      c.header('content-type', 'message/rfc822')
      c.header('content-disposition', `attachment; filename="${savedName(place)}"`)
      return c.body(content, 200)
    })

/** The door is known by how somebody came in; a name is what they say. */
const given = (c: Ctx, { reason, by }: z.infer<typeof approvalSchema>) => {
  const door = c.var.principal?.kind === 'session' ? 'page' : 'api'
  return { reason, by: by ? `${door}: ${by}` : door }
}

const pageJson = ({ items, nextCursor }: SkippedPage) => ({
  items: items.map(({ approval, ...item }) => ({
    ...item,
    approval: approval && { ...approval, at: new Date(approval.at).toISOString() },
  })),
  nextCursor,
})
