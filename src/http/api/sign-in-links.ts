import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Env } from '../environment.ts'
import { Declined } from '../problems.ts'
import { apiPart, created } from './routes.ts'

const route = createRoute({
  method: 'post',
  path: '/sign-in-links',
  tags: ['Sign-in'],
  summary: 'Make a link that signs one browser in, once, within 30 minutes',
  responses: created(z.object({ path: z.string() }), 'The link, below the address of the server'),
})

/** Only whoever holds the token of the data folder makes links: a session must not outlive itself by one. */
export const signInLinkApi = (): OpenAPIHono<Env> =>
  apiPart().openapi(route, (c) => {
    if (c.var.principal?.kind !== 'token')
      throw new Declined('forbidden', 'Only the token of the data folder makes links')
    return c.json({ path: signInPath(c.var.shared.app.sessions.createLink()) }, 201)
  })

export const signInPath = (linkToken: string): string => `/sign-in?token=${encodeURIComponent(linkToken)}`
