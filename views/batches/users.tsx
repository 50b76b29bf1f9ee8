/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import { type UserStatus, userStatuses } from '../../src/domain/status.ts'
import type { User } from '../../src/domain/user.ts'
import { bytes, count, percentText } from '../format.ts'
import { ProgressBar } from '../parts/bar.tsx'
import { Icon } from '../parts/icon.tsx'
import { UserBadge, userStatusLabel, userStatusTone } from '../parts/status.tsx'
import { isCounted, isUserDone } from '../users/user.ts'

/** What of a batch's users is looked at: all of it stands in the address. */
export interface UserView {
  readonly status: UserStatus | null
  readonly cursor: string | null
  readonly isLive: boolean
}

/** The address of a view, below the batch's own. */
export function viewQuery(view: Partial<UserView>): string {
  const query = new URLSearchParams()
  if (view.status) query.set('status', view.status)
  if (view.cursor) query.set('cursor', view.cursor)
  if (view.isLive === false) query.set('live', 'off')
  return query.size > 0 ? `?${query}` : ''
}

interface UserTableProps {
  batchId: number
  users: readonly User[]
  nextCursor: string | null
  view: UserView
}

export const UserTable: FC<UserTableProps> = ({ batchId, users, nextCursor, view }) => (
  <section id="users" aria-labelledby="users-title">
    <div class="row">
      <h2 id="users-title">Mailboxes</h2>
      <Filter batchId={batchId} view={view} />
      <a href={`/batches/${batchId}${viewQuery({ ...view, isLive: !view.isLive })}#users`}>
        {view.isLive ? 'Pause live updates' : 'Resume live updates'}
      </a>
    </div>
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Mailbox</th>
          <th scope="col">Status</th>
          <th scope="col">Progress</th>
          {['Messages', 'Size', 'Copied last pass', 'Skipped'].map((words) => (
            <th scope="col" class="number">
              {words}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <UserRow user={user} />
        ))}
      </tbody>
    </table>
    {users.length === 0 && (
      <p class="muted">No mailbox is {view.status ? userStatusLabel(view.status).toLowerCase() : 'here'}.</p>
    )}
    <Paging batchId={batchId} nextCursor={nextCursor} view={view} />
  </section>
)

/** One mailbox, by an id of its own, so that news of it can be put in its place. */
export const UserRow: FC<{ user: User }> = ({ user }) => {
  const { progress } = user
  return (
    <tr id={`user-${user.id}`}>
      <th scope="row">
        <a href={`/users/${user.id}`}>{user.emailAddress}</a>
        {user.error && <small class="error">{user.error.meaning}</small>}
      </th>
      <td data-label="Status">
        <UserBadge status={user.status} />
      </td>
      <td data-label="Progress" class="progress">
        <ProgressBar
          label={`Progress of ${user.emailAddress}`}
          done={progress.bytesDone}
          total={progress.bytesTotal}
          tone={userStatusTone(user.status)}
          isDone={isUserDone(user)}
        />
        <span class="number">{isUserDone(user) ? '100 %' : percentText(progress.bytesDone, progress.bytesTotal)}</span>
      </td>
      <td data-label="Messages" class="number">
        {isCounted(user) ? `${count(progress.itemsDone)} of ${count(progress.itemsTotal)}` : '–'}
      </td>
      <td data-label="Size" class="number">
        {isCounted(user) ? bytes(progress.bytesTotal) : '–'}
      </td>
      <td data-label="Copied last pass" class="number">
        {count(progress.copiedLastPass)}
      </td>
      <td data-label="Skipped" class={progress.counts.skipped > 0 ? 'number warn' : 'number'}>
        {count(progress.counts.skipped)}
      </td>
    </tr>
  )
}

const Filter: FC<{ batchId: number; view: UserView }> = ({ batchId, view }) => (
  <form class="filter" action={`/batches/${batchId}#users`}>
    {!view.isLive && <input type="hidden" name="live" value="off" />}
    <label for="status">Status</label>
    <select id="status" name="status">
      <option value="">All</option>
      {userStatuses.map((status) => (
        <option value={status} selected={status === view.status}>
          {userStatusLabel(status)}
        </option>
      ))}
    </select>
    <button type="submit">Show</button>
  </form>
)

const Paging: FC<{ batchId: number; nextCursor: string | null; view: UserView }> = ({ batchId, nextCursor, view }) => {
  if (nextCursor === null && view.cursor === null) return null
  const at = (cursor: string | null) => `/batches/${batchId}${viewQuery({ ...view, cursor })}#users`
  return (
    <nav class="paging" aria-label="Pages of mailboxes">
      {view.cursor !== null && <a href={at(null)}>First page</a>}
      {nextCursor !== null && (
        <a href={at(nextCursor)}>
          Next page <Icon name="arrow" />
        </a>
      )}
    </nav>
  )
}
