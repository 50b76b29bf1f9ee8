/** @jsxImportSource hono/jsx */
import { isMoving } from '../../views/batches/batch.ts'
import { BatchGone } from '../../views/batches/page.tsx'
import { BatchSummary } from '../../views/batches/summary.tsx'
import { UserRow } from '../../views/batches/users.tsx'
import { Verification } from '../../views/batches/verification.tsx'
import { isRefusal } from '../domain/refusal.ts'
import type { User } from '../domain/user.ts'
import { showBatch } from '../operations/batches.ts'
import { listUsers, showUser, type UserQuery } from '../operations/users.ts'
import { verification } from '../operations/verification.ts'
import type { Ctx, Shared } from './environment.ts'
import { eventMessage, eventStream, keepAlive } from './event-stream.ts'
import { createInbox, type Inbox } from './inbox.ts'
import { userQuery } from './pages/user-view.ts'
import { totalsNow, userNow } from './reads.ts'

/** Everything that moves on the open page of a batch, as long as the page is open. */
export async function batchEvents(c: Ctx): Promise<Response> {
  const { shared } = c.var
  // A HEAD is answered like a GET whose body nobody takes: a stream would wait for its listener for ever.
  if (c.req.method !== 'GET') return c.body(null)
  const { id } = await showBatch(shared.app.context, c.req.param('id') ?? '')
  const { items } = await listUsers(shared.app.context, id, userQuery(c))
  const inbox = createInbox(shared.app.hub, id)
  const close = () => inbox.close()
  shared.closing.addEventListener('abort', close)
  const end = () => {
    shared.closing.removeEventListener('abort', close)
    close()
  }
  const shown = { batchId: id, query: userQuery(c), userIds: items.map((user) => user.id) }
  return eventStream(messages(c, shown, inbox), end, shared.onError)
}

/** What of a batch is on the page. */
interface Shown {
  readonly batchId: number
  readonly query: UserQuery
  readonly userIds: readonly number[]
}

/** By the place on the page, what stands there. */
type Parts = ReadonlyMap<string, string>

/** The first message tells all: nothing is lost before the stream or while it was down. Then, what looks different. */
async function* messages(c: Ctx, shown: Shown, inbox: Inbox): AsyncGenerator<string> {
  const { shared } = c.var
  let told: Parts = new Map()
  for (;;) {
    const begunAt = performance.now()
    const parts = await partsNow(shared, shown)
    if (parts === null) return yield eventMessage(String(gone())) + eventMessage('', 'end')
    const news = [...parts].filter(([place, html]) => told.get(place) !== html)
    if (news.length > 0) yield eventMessage(news.map(partial).join(''))
    told = parts
    await restAfter(performance.now() - begunAt)
    let heard = await inbox.next(shared.keepAliveMs)
    for (; heard === 'nothing' && isStillSignedIn(c); heard = await inbox.next(shared.keepAliveMs)) yield keepAlive
    if (heard !== 'news' || !isStillSignedIn(c)) return
  }
}

/** The sums of a large batch cost some work: looking takes at most a tenth of the time. */
const restAfter = (tookMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.min(9 * tookMs, 5_000)))

/** An open page counts as use of its session, until that ends for good. */
function isStillSignedIn(c: Ctx): boolean {
  const { principal, shared } = c.var
  return principal?.kind !== 'session' || shared.app.sessions.find(principal.sessionId) !== null
}

const partial = ([place, html]: readonly [string, string]): string =>
  `<hx-partial hx-target="#${place}" hx-swap="outerMorph">${html}</hx-partial>`

/** Null when the batch is gone. A verification is looked at only while no pass is under way, as none is then. */
async function partsNow(shared: Shared, shown: Shown): Promise<Parts | null> {
  const { context } = shared.app
  try {
    const batch = await showBatch(context, shown.batchId)
    const totals = await totalsNow(shared, batch)
    const users = await usersNow(shared, shown)
    const verified = isMoving(batch) ? null : await verification(context, batch.id)
    return new Map([
      ['summary', String(<BatchSummary batch={batch} totals={totals} />)],
      ...users.map((user) => [`user-${user.id}`, String(<UserRow user={user} />)] as const),
      ...(verified ? [['verification', String(<Verification batch={batch} result={verified} />)] as const] : []),
    ])
  } catch (error) {
    if (isRefusal(error) && error.code === 'not-found') return null
    throw error
  }
}

/** The users of the page, those too whose status is not the one any more that the page asked for. */
async function usersNow(shared: Shared, { batchId, query, userIds }: Shown): Promise<readonly User[]> {
  const { context } = shared.app
  const { items } = await listUsers(context, batchId, query)
  const listed = new Map(items.map((user) => [user.id, user]))
  const users = await Promise.all(userIds.map((id) => listed.get(id) ?? showUser(context, id)))
  return users.map((user) => userNow(shared, user))
}

const gone = () => (
  <>
    <hx-partial hx-target="#summary" hx-swap="outerHTML">
      <BatchGone />
    </hx-partial>
    <hx-partial hx-target="#users" hx-swap="delete" />
    <hx-partial hx-target="#verification" hx-swap="delete" />
  </>
)
