import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Env } from '../environment.ts'
import { approvalApi } from './approvals.ts'
import { batchApi } from './batches.ts'
import { cmdletApi } from './cmdlets.ts'
import { endpointApi } from './endpoints.ts'
import { apiPart } from './routes.ts'
import { signInLinkApi } from './sign-in-links.ts'
import { userApi } from './users.ts'

/** All of the API, with its description as OpenAPI 3.1. */
export function apiRoutes(version: string): OpenAPIHono<Env> {
  const api = apiPart()
  for (const part of [endpointApi(), batchApi(), userApi(), approvalApi(), cmdletApi(), signInLinkApi()])
    api.route('/api/v1', part)
  api.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'The token in the file cli.token of the data folder',
  })
  api.doc31('/api/v1/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Postferry', version },
    security: [{ token: [] }],
  })
  return api
}
