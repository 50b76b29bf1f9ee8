/** @jsxImportSource hono/jsx */

import { isMoving } from '../../views/batches/batch.ts'
import { BatchGone } from '../../views/batches/page.tsx'
import { BatchSummary } from '../../views/batches/summary.tsx'
import { UserRow } from '../../views/batches/users.tsx'
import { Verification } from '../../views/batches/verification.tsx'
import type { Batch } from '../domain/batch.ts'
import { isRefusal } from '../domain/refusal.ts'
import type { User } from '../domain/user.ts'
import { showBatch } from '../operations/batches.ts'
import { listUsers, showUser } from '../operations/users.ts'
import { verification } from '../operations/verification.ts'
import type { Ctx, Shared } from './environment.ts'
import { eventMessage, eventStream, keepAlive } from './event-stream.ts'
import { createInbox, type Inbox, type News } from './inbox.ts'
import { userQuery } from './pages/user-view.ts'
import { totalsNow, userNow } from './reads.ts'

/**
 * Everything that moves on the open page of a batch. The first message says all of it, so that nothing is lost between
 * the page and its stream, or while the stream was down.
 */
export async function batchEvents(c: Ctx): Promise<Response> {
  const { shared } = c.var
  // A HEAD is answered like a GET whose body nobody takes: a stream would wait for its listener for ever.
  if (c.req.method !== 'GET') return c.body(null)
  const batch = await showBatch(shared.app.context, c.req.param('id') ?? '')
  const { items } = await listUsers(shared.app.context, batch.id, userQuery(c))
  const inbox = createInbox(shared.app.hub, batch.id)
  const close = () => inbox.close()
  shared.closing.addEventListener('abort', close)
  c.req.raw.signal.addEventListener('abort', close)
  const end = () => {
    shared.closing.removeEventListener('abort', close)
    close()
  }
  return eventStream(messages(c, batch, items, inbox), end, shared.onError)
}

async function* messages(c: Ctx, batch: Batch, users: readonly User[], inbox: Inbox): AsyncGenerator<string> {
  const { shared } = c.var
  const shown = new Map(users.map((user) => [user.id, user]))
  yield eventMessage(await everything(shared, batch.id, [...shown.values()], true))
  while (!inbox.isClosed) {
    const news = await inbox.next(shared.keepAliveMs)
    // An open page counts as use of its session, until that ends for good.
    if (inbox.isClosed || !isStillSignedIn(c)) return
    if (news === null) {
      yield keepAlive
    } else {
      try {
        yield eventMessage(await whatIsNew(shared, batch.id, shown, news))
      } catch (error) {
        if (!isRefusal(error) || error.code !== 'not-found') throw error
        yield eventMessage(String(gone())) + eventMessage('', 'end')
        return
      }
    }
  }
}

function isStillSignedIn(c: Ctx): boolean {
  const { principal, shared } = c.var
  return principal?.kind !== 'session' || shared.app.sessions.find(principal.sessionId) !== null
}

async function whatIsNew(shared: Shared, batchId: number, shown: Map<number, User>, news: News): Promise<string> {
  const ids = [...news.keys()].filter((id) => shown.has(id))
  await Promise.all(
    ids.filter((id) => news.get(id)).map(async (id) => shown.set(id, await showUser(shared.app.context, id))),
  )
  const hasNewStore = news.size === 0 || [...news.values()].includes(true)
  return everything(
    shared,
    batchId,
    ids.flatMap((id) => shown.get(id) ?? []),
    hasNewStore,
  )
}

/** Parts of the page, each with the place it belongs to. A verification is read again only while nothing else moves. */
async function everything(
  shared: Shared,
  batchId: number,
  users: readonly User[],
  hasNewStore: boolean,
): Promise<string> {
  const batch = await showBatch(shared.app.context, batchId)
  const totals = await totalsNow(shared, batch)
  const verified = hasNewStore && !isMoving(batch) ? await verification(shared.app.context, batch.id) : null
  const parts = (
    <>
      <hx-partial hx-target="#summary" hx-swap="outerMorph">
        <BatchSummary batch={batch} totals={totals} />
      </hx-partial>
      {users.map((user) => (
        <hx-partial hx-target={`#user-${user.id}`} hx-swap="outerMorph">
          <UserRow user={userNow(shared, user)} />
        </hx-partial>
      ))}
      {verified && (
        <hx-partial hx-target="#verification" hx-swap="outerMorph">
          <Verification batch={batch} result={verified} />
        </hx-partial>
      )}
    </>
  )
  return String(parts)
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
