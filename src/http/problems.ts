import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { faultKinds, isFault } from '../domain/fault.ts'
import { isRefusal, type Problem, type RefusalCode } from '../domain/refusal.ts'

/** A request that came to nothing, as RFC 9457 tells it; `code` and `problems` are our own members. */
export interface ProblemDetails {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: ContentfulStatusCode
  readonly detail: string
  readonly code: ProblemCode
  readonly problems: readonly Problem[]
}

/** Reasons of this door alone; what operations refuse for is added to them. */
type DoorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'misdirected'
  | 'too-large'
  | 'unsupported-media-type'
  | 'unavailable'
  | 'internal'

export type ProblemCode = RefusalCode | DoorCode

const kinds: Record<ProblemCode, readonly [status: ContentfulStatusCode, title: string]> = {
  invalid: [422, 'Cannot be used'],
  unauthorized: [401, 'Not signed in'],
  forbidden: [403, 'Forbidden'],
  'not-found': [404, 'Not found'],
  'wrong-state': [409, 'Not possible now'],
  conflict: [409, 'Conflict'],
  'needs-approval': [409, 'Needs approval'],
  'too-large': [413, 'Too large'],
  'unsupported-media-type': [415, 'Unsupported media type'],
  misdirected: [421, 'Wrong address'],
  internal: [500, 'Unexpected error'],
  unavailable: [503, 'Not available now'],
}

/** A request that is refused before an operation hears of it. */
export class Declined extends Error {
  override readonly name = 'Declined'
  readonly code: DoorCode

  constructor(code: DoorCode, message: string) {
    super(message)
    this.code = code
  }
}

export function problemDetails(code: ProblemCode, detail: string, problems: readonly Problem[] = []): ProblemDetails {
  const [status, title] = kinds[code]
  return { type: 'about:blank', title, status, detail, code, problems }
}

/** Any error as what may be told of it. Of our own failures nothing is told: the message may hold anything. */
export function problemOf(error: unknown): ProblemDetails {
  if (isRefusal(error)) return problemDetails(error.code, error.message, error.problems)
  if (error instanceof Declined) return problemDetails(error.code, error.message)
  if (error instanceof HTTPException) return problemOfException(error)
  if (isFault(error) && error.scope === 'store') return problemOfStore(error.code)
  return problemDetails('internal', 'The request could not be answered: look into the log of the server')
}

/** What the router and the validators throw: a body that is no JSON, a type that is not taken. */
function problemOfException(error: HTTPException): ProblemDetails {
  if (error.status === 415) return problemDetails('unsupported-media-type', 'This content type is not taken here')
  if (error.status >= 500) return problemDetails('internal', 'The request could not be answered')
  return { ...problemDetails('invalid', 'The body of the request cannot be read'), status: 400 }
}

function problemOfStore(code: keyof typeof faultKinds): ProblemDetails {
  const { meaning, remedy } = faultKinds[code]
  return problemDetails('unavailable', `${meaning}. ${remedy}`)
}

/** Whether the failure is ours, and so belongs into the log. */
export const isOurs = (problem: ProblemDetails): boolean => problem.status >= 500

export const problemResponse = (problem: ProblemDetails, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
  })
