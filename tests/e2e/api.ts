import { expect } from 'bun:test'

/** The JSON API as a script of an admin's uses it: a base address, a token, and nothing of the product's code. */
export interface Api {
  /** Any answer, whatever its status. A body that is text goes as a CSV, any other as JSON. */
  ask(method: Method, path: string, body?: unknown): Promise<Answer>
  /** The body of an answer with a status of 2xx; any other fails the test and is shown. */
  get<T>(path: string): Promise<T>
  post<T>(path: string, body?: unknown): Promise<T>
  patch<T>(path: string, body: unknown): Promise<T>
  /** All items of a list, page after page. */
  all<T>(path: string): Promise<readonly T[]>
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export interface Answer {
  readonly status: number
  readonly text: string
}

/** What the tests look at in a batch. */
export interface BatchView {
  readonly id: number
  readonly name: string
  readonly status: string
  readonly counts: Readonly<Record<'total' | 'active' | 'synced' | 'completed' | 'failed' | 'stopped', number>>
}

export type Equation = Readonly<
  Record<'source' | 'copied' | 'adopted' | 'excluded' | 'removed' | 'skipped' | 'failed' | 'gone', number>
>

export interface UserView {
  readonly id: number
  readonly emailAddress: string
  readonly status: string
  readonly attempts: number
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string } | null
  readonly progress: {
    readonly counts: Equation
    readonly itemsTotal: number
    readonly itemsDone: number
    readonly copiedLastPass: number
    readonly flagsChangedLastPass: number
    readonly movedLastPass: number
  }
}

export interface Issue {
  readonly code: string
  readonly detail: string
  readonly subject: string
}

export interface ReportView {
  readonly counts: Equation
  readonly isBalanced: boolean
  readonly issues: readonly Issue[]
}

/** RFC 9457 with our own members. */
export interface ProblemView {
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly problems: readonly {
    readonly line: number | null
    readonly column: string | null
    readonly message: string
  }[]
}

export function createApi(address: string, token: string): Api {
  const ask: Api['ask'] = async (method, path, body) => {
    const response = await fetch(`${address}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': typeOf(body) }) },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return { status: response.status, text: await response.text() }
  }
  const must = async <T>(method: Method, path: string, body?: unknown): Promise<T> => {
    const { status, text } = await ask(method, path, body)
    if (status < 200 || status > 299) throw new Error(`Cannot ${method} ${path}: ${status} ${text}`)
    return JSON.parse(text) as T
  }
  const all = async <T>(path: string): Promise<readonly T[]> => {
    const items: T[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query = `limit=1000${cursor && `&cursor=${cursor}`}`
      const page: { items: T[]; nextCursor: string | null } = await must('GET', `${path}?${query}`)
      items.push(...page.items)
      cursor = page.nextCursor
    }
    return items
  }
  return {
    ask,
    get: (path) => must('GET', path),
    post: (path, body) => must('POST', path, body),
    patch: (path, body) => must('PATCH', path, body),
    all,
  }
}

const typeOf = (body: unknown): string => (typeof body === 'string' ? 'text/csv' : 'application/json')

/** Asserts the status of a refusal and returns what it says. */
export async function refused(answer: Promise<Answer>, status: number): Promise<ProblemView> {
  const { status: actual, text } = await answer
  expect(`${actual} ${text}`).toStartWith(`${status} `)
  return JSON.parse(text)
}

export const usersOf = (api: Api, batch: string): Promise<readonly UserView[]> =>
  api.all<UserView>(`/batches/${encodeURIComponent(batch)}/users`)

export const sumOf = (users: readonly UserView[], count: (progress: UserView['progress']) => number): number =>
  users.reduce((sum, { progress }) => sum + count(progress), 0)

const moving: ReadonlySet<string> = new Set(['syncing', 'incrementalSyncing', 'completing', 'stopping', 'removing'])

export const isMoving = ({ status }: BatchView): boolean => moving.has(status)

interface Patience {
  readonly withinMs?: number
  readonly everyMs?: number
}

/** A batch at rest, and why users failed, so that a test which awaits none shows it. */
interface RestingBatch extends BatchView {
  readonly errors: readonly string[]
}

/** Waits until a batch rests. */
export const settled = (api: Api, batch: string, patience: Patience = {}): Promise<RestingBatch> =>
  until(
    `the batch "${batch}" rests`,
    async () => {
      const view = await api.get<BatchView>(`/batches/${encodeURIComponent(batch)}`)
      return isMoving(view) ? null : { ...view, errors: await errorsOf(api, batch) }
    },
    patience,
  )

async function errorsOf(api: Api, batch: string): Promise<readonly string[]> {
  const users = await usersOf(api, batch)
  return users.flatMap(({ emailAddress, error }) =>
    error === null ? [] : [`${emailAddress}: ${error.code}: ${error.message}`],
  )
}

/** Asks again and again until the answer is not null. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null>,
  { withinMs = 120_000, everyMs = 50 }: Patience = {},
): Promise<T> {
  const giveUpAt = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (performance.now() > giveUpAt) throw new Error(`Gave up waiting ${withinMs} ms until ${what}`)
    await Bun.sleep(everyMs)
  }
}
