import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { User } from '../../domain/user.ts'
import { statisticsOf } from '../../domain/user-statistics.ts'
import { userReport } from '../../operations/user-report.ts'
import {
  completeUser,
  listUsers,
  removeUser,
  showUser,
  startUser,
  stopUser,
  syncUserNow,
  updateUser,
  updateUsersFromCsv,
  userFolders,
  userIssues,
} from '../../operations/users.ts'
import { listBody, smallBody } from '../body.ts'
import { type Ctx, contextOf, type Env } from '../environment.ts'
import { userNow } from '../reads.ts'
import { listContent, readList } from './batch-input.ts'
import { batchQuerySchema, userChangesSchema, userQuerySchema } from './inputs.ts'
import { userJson, userReportJson } from './present.ts'
import { userReportSchema } from './result-schemas.ts'
import { accepted, answers, apiPart, idParam, jsonBody, problemAnswer } from './routes.ts'
import { folderSchema, issueSchema, pageOf, statisticsSchema, userSchema } from './schemas.ts'

const tags = ['Users']
const ofBatch = idParam('Name or id of a batch')
/** An address that stands in several batches needs the batch. */
const one = { ...idParam('E-mail address or id of a user'), query: batchQuerySchema }

/** Something asked of a user, which goes on after the answer. */
const asked = <const M extends 'post' | 'delete', const P extends string>(method: M, path: P, summary: string) =>
  createRoute({ method, path, tags, summary, request: one, responses: accepted(userSchema, 'The user as it is now') })

const routes = {
  list: createRoute({
    method: 'get',
    path: '/batches/{id}/users',
    tags,
    summary: 'List the users of a batch',
    request: { ...ofBatch, query: userQuerySchema },
    responses: answers(pageOf(userSchema), 'Users, and where the next ones begin'),
  }),
  updates: createRoute({
    method: 'post',
    path: '/batches/{id}/users/updates',
    tags,
    summary: 'Change user names and passwords by the rows of a list; all of them or none',
    middleware: listBody,
    request: { ...ofBatch, body: { content: listContent } },
    responses: answers(z.object({ updated: z.int() }), 'How many users were changed'),
  }),
  show: createRoute({
    method: 'get',
    path: '/users/{id}',
    tags,
    summary: 'Show one user',
    request: one,
    responses: answers(userSchema, 'The user'),
  }),
  update: createRoute({
    method: 'patch',
    path: '/users/{id}',
    tags,
    summary: 'Change names, passwords or rules of one user; a password is never read back',
    middleware: smallBody,
    request: { ...one, body: jsonBody(userChangesSchema) },
    responses: answers(userSchema, 'The user as it is now'),
  }),
  start: asked('post', '/users/{id}/sync', 'Start, resume or retry a user; a synced one brings over what is new'),
  stop: asked('delete', '/users/{id}/sync', 'Stop a user; it can be started again where it stood'),
  complete: asked('post', '/users/{id}/completion', 'Make the final pass of this user alone'),
  retry: asked('post', '/users/{id}/attempts', 'Try a failed or stopped user again'),
  remove: createRoute({
    method: 'delete',
    path: '/users/{id}',
    tags,
    summary: 'Take a user out of its batch; what was copied stays known',
    request: one,
    responses: { 204: { description: 'It is gone' }, default: problemAnswer },
  }),
  statistics: createRoute({
    method: 'get',
    path: '/users/{id}/statistics',
    tags,
    summary: 'Show how far a user is, how fast, and where its time went',
    request: one,
    responses: answers(statisticsSchema, 'The statistics'),
  }),
  report: createRoute({
    method: 'get',
    path: '/users/{id}/report',
    tags,
    summary: 'Show all that there is to tell of a user',
    request: one,
    responses: answers(userReportSchema, 'The report'),
  }),
  folders: createRoute({
    method: 'get',
    path: '/users/{id}/folders',
    tags,
    summary: 'List the folders of a user with the places of their items',
    request: one,
    responses: answers(pageOf(folderSchema), 'All folders'),
  }),
  issues: createRoute({
    method: 'get',
    path: '/users/{id}/issues',
    tags,
    summary: 'List the items of a user that are not at the target',
    request: one,
    responses: answers(pageOf(issueSchema), 'All skipped and failed items'),
  }),
}

export const userApi = (): OpenAPIHono<Env> =>
  apiPart()
    .openapi(routes.list, async (c) => {
      const { items, nextCursor } = await listUsers(contextOf(c), c.req.valid('param').id, c.req.valid('query'))
      return c.json({ items: items.map((user) => present(c, user)), nextCursor }, 200)
    })
    .openapi(routes.updates, async (c) => {
      const updated = await updateUsersFromCsv(contextOf(c), c.req.valid('param').id, await readList(c))
      return c.json({ updated }, 200)
    })
    .openapi(routes.show, async (c) =>
      c.json(present(c, await find(c, c.req.valid('param').id, c.req.valid('query').batch)), 200),
    )
    .openapi(routes.update, async (c) => {
      const { id } = await find(c, c.req.valid('param').id, c.req.valid('query').batch)
      return c.json(present(c, await updateUser(contextOf(c), id, c.req.valid('json'))), 200)
    })
    .openapi(routes.start, async (c) => {
      const user = await find(c, c.req.valid('param').id, c.req.valid('query').batch)
      const act = user.status === 'synced' ? syncUserNow : startUser
      return c.json(present(c, await act(contextOf(c), user.id)), 202)
    })
    .openapi(routes.stop, async (c) => {
      const { id } = await find(c, c.req.valid('param').id, c.req.valid('query').batch)
      return c.json(present(c, await stopUser(contextOf(c), id)), 202)
    })
    .openapi(routes.complete, async (c) => {
      const { id } = await find(c, c.req.valid('param').id, c.req.valid('query').batch)
      return c.json(present(c, await completeUser(contextOf(c), id)), 202)
    })
    .openapi(routes.retry, async (c) => {
      const { id } = await find(c, c.req.valid('param').id, c.req.valid('query').batch)
      return c.json(present(c, await startUser(contextOf(c), id)), 202)
    })
    .openapi(routes.remove, async (c) => {
      const { id } = await find(c, c.req.valid('param').id, c.req.valid('query').batch)
      await removeUser(contextOf(c), id)
      return c.body(null, 204)
    })
    .openapi(routes.statistics, async (c) => {
      const user = await find(c, c.req.valid('param').id, c.req.valid('query').batch)
      return c.json(statisticsOf(userNow(c.var.shared, user), contextOf(c).clock.now()), 200)
    })
    .openapi(routes.report, async (c) => {
      const { id } = await find(c, c.req.valid('param').id, c.req.valid('query').batch)
      return c.json(userReportJson(await userReport(contextOf(c), id)), 200)
    })
    .openapi(routes.folders, async (c) => {
      const { id } = await find(c, c.req.valid('param').id, c.req.valid('query').batch)
      return c.json({ items: await userFolders(contextOf(c), id), nextCursor: null }, 200)
    })
    .openapi(routes.issues, async (c) => {
      const { id } = await find(c, c.req.valid('param').id, c.req.valid('query').batch)
      return c.json({ items: await userIssues(contextOf(c), id), nextCursor: null }, 200)
    })

const find = (c: Ctx, idOrAddress: string, batch: string | undefined): Promise<User> =>
  showUser(contextOf(c), idOrAddress, batch)

const present = (c: Ctx, user: User) => userJson(userNow(c.var.shared, user))
