import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { Endpoint } from '../../domain/endpoint.ts'
import type { Context } from '../../operations/context.ts'
import {
  changeEndpoint,
  createEndpoint,
  type EndpointStanding,
  endpointStandings,
  listEndpoints,
  removeEndpoint,
  showEndpoint,
  testEndpoint,
  testSettings,
} from '../../operations/endpoints.ts'
import { smallBody } from '../body.ts'
import { contextOf, type Env } from '../environment.ts'
import {
  changedEndpointJson,
  changedEndpointSchema,
  endpointChangesSchema,
  endpointJson,
  endpointSchema,
  newEndpointSchema,
  probeSchema,
  testMailboxSchema,
  testSettingsSchema,
} from './endpoint-schemas.ts'
import { answers, apiPart, created, idParam, jsonBody } from './routes.ts'
import { pageOf } from './schemas.ts'

const tags = ['Endpoints']
const one = idParam('Name or id of an endpoint')

const routes = {
  create: createRoute({
    method: 'post',
    path: '/endpoints',
    tags,
    summary: 'Tell how to reach a mail server',
    description: 'Limits that are not given are those of the provider, where it is known by its host.',
    middleware: smallBody,
    request: { body: jsonBody(newEndpointSchema) },
    responses: created(endpointSchema, 'The new endpoint'),
  }),
  list: createRoute({
    method: 'get',
    path: '/endpoints',
    tags,
    summary: 'List the endpoints',
    responses: answers(pageOf(endpointSchema), 'All endpoints'),
  }),
  testSettings: createRoute({
    method: 'post',
    path: '/endpoints/test',
    tags,
    summary: 'Try to reach and sign in to a server whose settings are not kept, step by step',
    middleware: smallBody,
    request: { body: jsonBody(testSettingsSchema) },
    responses: answers(probeSchema, 'The steps up to the first that failed'),
  }),
  show: createRoute({
    method: 'get',
    path: '/endpoints/{id}',
    tags,
    summary: 'Show one endpoint',
    request: one,
    responses: answers(endpointSchema, 'The endpoint'),
  }),
  change: createRoute({
    method: 'patch',
    path: '/endpoints/{id}',
    tags,
    summary: 'Change an endpoint',
    description:
      'Limits and caps at any time, with effect at once; all else only while no batch on the endpoint runs. Another ' +
      'host or port is another server: the next pass of each user compares both mailboxes and adopts what is there.',
    middleware: smallBody,
    request: { ...one, body: jsonBody(endpointChangesSchema) },
    responses: answers(changedEndpointSchema, 'The endpoint as it is now, and what follows from the change'),
  }),
  remove: createRoute({
    method: 'delete',
    path: '/endpoints/{id}',
    tags,
    summary: 'Remove an endpoint that no batch uses',
    request: one,
    responses: { 204: { description: 'It is removed' } },
  }),
  test: createRoute({
    method: 'post',
    path: '/endpoints/{id}/test',
    tags,
    summary: 'Try to reach and sign in to the server, step by step',
    middleware: smallBody,
    request: { ...one, body: jsonBody(testMailboxSchema) },
    responses: answers(probeSchema, 'The steps up to the first that failed'),
  }),
}

export const endpointApi = (): OpenAPIHono<Env> =>
  apiPart()
    .openapi(routes.create, async (c) => {
      const endpoint = await createEndpoint(contextOf(c), c.req.valid('json'))
      return c.json(endpointJson(endpoint, await standingOf(contextOf(c), endpoint)), 201)
    })
    .openapi(routes.list, async (c) => {
      const endpoints = await listEndpoints(contextOf(c))
      const standings = await endpointStandings(contextOf(c), endpoints)
      const items = endpoints.map((endpoint, at) => endpointJson(endpoint, standings[at] as EndpointStanding))
      return c.json({ items, nextCursor: null }, 200)
    })
    .openapi(routes.testSettings, async (c) => {
      const { userName, password, ...settings } = c.req.valid('json')
      const mailbox = { ...(userName && { userName }), ...(password && { password }) }
      return c.json(await testSettings(contextOf(c), settings, mailbox), 200)
    })
    .openapi(routes.show, async (c) => {
      const endpoint = await showEndpoint(contextOf(c), c.req.valid('param').id)
      return c.json(endpointJson(endpoint, await standingOf(contextOf(c), endpoint)), 200)
    })
    .openapi(routes.change, async (c) => {
      const changed = await changeEndpoint(contextOf(c), c.req.valid('param').id, c.req.valid('json'))
      return c.json(changedEndpointJson(changed, await standingOf(contextOf(c), changed.endpoint)), 200)
    })
    .openapi(routes.remove, async (c) => {
      await removeEndpoint(contextOf(c), c.req.valid('param').id)
      return c.body(null, 204)
    })
    .openapi(routes.test, async (c) => {
      const { id } = c.req.valid('param')
      return c.json(await testEndpoint(contextOf(c), id, c.req.valid('json')), 200)
    })

async function standingOf(context: Context, endpoint: Endpoint): Promise<EndpointStanding> {
  const [standing] = await endpointStandings(context, [endpoint])
  return standing as EndpointStanding
}
