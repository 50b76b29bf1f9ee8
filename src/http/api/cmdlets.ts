import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { runCmdlet } from '../../cmdlets/run.ts'
import { cmdlets } from '../../cmdlets/table.ts'
import { listBody } from '../body.ts'
import { contextOf, type Env } from '../environment.ts'
import { answers, apiPart, jsonBody } from './routes.ts'

const route = createRoute({
  method: 'post',
  path: '/cmdlets/{name}',
  tags: ['Cmdlets'],
  summary: 'Run a cmdlet of Exchange, with its parameters and properties as Exchange names them',
  middleware: listBody,
  request: {
    params: z.object({
      name: z.string().openapi({ description: `One of ${cmdlets.map(({ name }) => name).join(', ')}` }),
    }),
    body: jsonBody(
      z
        .strictObject({ parameters: z.record(z.string(), z.unknown()).default({}) })
        .openapi('CmdletCall', { description: 'Files are Base64, spans [d.]hh:mm:ss, credentials an object' }),
    ),
  },
  responses: answers(
    z.object({ objects: z.array(z.record(z.string(), z.unknown())).readonly() }),
    'What the cmdlet puts out',
  ),
})

export const cmdletApi = (): OpenAPIHono<Env> =>
  apiPart().openapi(route, async (c) => {
    const { name } = c.req.valid('param')
    const objects = await runCmdlet(contextOf(c), name, c.req.valid('json').parameters)
    return c.json({ objects: objects.map((object) => ({ ...object })) }, 200)
  })
