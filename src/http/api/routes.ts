import { OpenAPIHono, z } from '@hono/zod-openapi'
import { Refusal } from '../../domain/refusal.ts'
import type { Env } from '../environment.ts'
import { problemSchema } from './schemas.ts'

/** A part of the API: what does not fit its schema is refused like any other mistake. */
export const apiPart = (): OpenAPIHono<Env> =>
  new OpenAPIHono<Env>({
    defaultHook(result) {
      if (result.success) return
      // The messages name what was awaited, never what was given.
      const problems = result.error.issues.map(({ path, message }) => ({
        line: null,
        column: path.join('.') || null,
        message,
      }))
      throw new Refusal('invalid', 'The request does not fit what is asked for here', problems)
    },
  })

/** What a route answers when all went well, and what otherwise. */
export const answers = <T extends z.ZodType>(schema: T, description: string) => ({
  200: { description, content: { 'application/json': { schema } } },
  default: problemAnswer,
})

export const created = <T extends z.ZodType>(schema: T, description: string) => ({
  201: { description, content: { 'application/json': { schema } } },
  default: problemAnswer,
})

/** Asked for, and done after the answer. */
export const accepted = <T extends z.ZodType>(schema: T, description: string) => ({
  202: { description, content: { 'application/json': { schema } } },
  default: problemAnswer,
})

export const problemAnswer = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: problemSchema } },
}

export const jsonBody = <T extends z.ZodType>(schema: T) => ({
  required: true as const,
  content: { 'application/json': { schema } },
})

/** An id or a name, in the path. */
export const idParam = (of: string) => ({ params: z.object({ id: z.string().openapi({ description: of }) }) })
