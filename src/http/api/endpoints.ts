import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import {
  changeEndpointLimits,
  createEndpoint,
  listEndpoints,
  removeEndpoint,
  showEndpoint,
  testEndpoint,
} from '../../operations/endpoints.ts'
import { smallBody } from '../body.ts'
import { contextOf, type Env } from '../environment.ts'
import { endpointChangesSchema, newEndpointSchema, testMailboxSchema } from './inputs.ts'
import { endpointJson } from './present.ts'
import { answers, apiPart, created, idParam, jsonBody } from './routes.ts'
import { endpointSchema, pageOf, probeSchema } from './schemas.ts'

const tags = ['Endpoints']
const one = idParam('Name or id of an endpoint')

const routes = {
  create: createRoute({
    method: 'post',
    path: '/endpoints',
    tags,
    summary: 'Tell how to reach a mail server',
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
    summary: 'Change how much an endpoint takes at a time, with effect at once',
    middleware: smallBody,
    request: { ...one, body: jsonBody(endpointChangesSchema) },
    responses: answers(endpointSchema, 'The endpoint as it is now'),
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
    .openapi(routes.create, async (c) =>
      c.json(endpointJson(await createEndpoint(contextOf(c), c.req.valid('json'))), 201),
    )
    .openapi(routes.list, async (c) => {
      const endpoints = await listEndpoints(contextOf(c))
      return c.json({ items: endpoints.map(endpointJson), nextCursor: null }, 200)
    })
    .openapi(routes.show, async (c) =>
      c.json(endpointJson(await showEndpoint(contextOf(c), c.req.valid('param').id)), 200),
    )
    .openapi(routes.change, async (c) =>
      c.json(endpointJson(await changeEndpointLimits(contextOf(c), c.req.valid('param').id, c.req.valid('json'))), 200),
    )
    .openapi(routes.remove, async (c) => {
      await removeEndpoint(contextOf(c), c.req.valid('param').id)
      return c.body(null, 204)
    })
    .openapi(routes.test, async (c) => {
      const { id } = c.req.valid('param')
      return c.json(await testEndpoint(contextOf(c), id, c.req.valid('json')), 200)
    })
