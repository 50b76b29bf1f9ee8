/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import { type ItemIssue, isBalanced } from '../../src/domain/sync-state.ts'
import type { User } from '../../src/domain/user.ts'
import { bytes, count, counted, percent } from '../format.ts'
import { Action } from '../parts/action.tsx'
import { ProgressBar } from '../parts/bar.tsx'
import { Equation } from '../parts/equation.tsx'
import { UserBadge, userStatusTone } from '../parts/status.tsx'
import { Time } from '../parts/time.tsx'
import { UserErrorNotice } from './error.tsx'
import { type FolderRow, FolderTable } from './folders.tsx'
import { HeldForFolder } from './held.tsx'
import { IssueTable } from './issues.tsx'
import { canRetry, isCounted, isHeldForFolder, isUserDone, isUserMoving } from './user.ts'

interface PanelProps {
  user: User
  folders: readonly FolderRow[]
  issues: readonly ItemIssue[]
}

/** Everything of a mailbox that moves by itself. Asks for itself again: often while the mailbox is under way. */
export const UserProgressPanel: FC<PanelProps> = ({ user, folders, issues }) => (
  <div
    id="panel"
    class="live"
    hx-get={`/users/${user.id}`}
    hx-trigger={isUserMoving(user) ? 'every 2s' : 'every 15s'}
    hx-swap="outerMorph"
  >
    <div class="row">
      <UserBadge status={user.status} />
      {canRetry(user) && (
        <Action to={`/users/${user.id}/attempts`} icon="sync" words="Try again" isPrimary={!isHeldForFolder(user)} />
      )}
    </div>
    {user.error && <UserErrorNotice error={user.error} retryAt={user.retryAt} />}
    {isHeldForFolder(user) && <HeldForFolder user={user} />}
    <Progress user={user} />
    <FolderTable folders={folders} />
    <IssueTable issues={issues} />
  </div>
)

const Progress: FC<{ user: User }> = ({ user }) => {
  const { progress } = user
  return (
    <section class="panel" aria-label="Progress">
      <p class="row">
        <strong class="share">
          {isUserDone(user) ? 100 : (percent(progress.bytesDone, progress.bytesTotal) ?? 0)} %
        </strong>
        <span class="muted">
          {isCounted(user)
            ? `${bytes(progress.bytesDone)} of ${bytes(progress.bytesTotal)} · ${count(progress.itemsDone)} of ${counted(progress.itemsTotal, 'message')}`
            : 'Not counted yet'}
        </span>
      </p>
      <ProgressBar
        label="Copied, by size"
        done={progress.bytesDone}
        total={progress.bytesTotal}
        tone={userStatusTone(user.status)}
        isDone={isUserDone(user)}
      />
      <dl class="facts">
        <div>
          <dt>Copied in the last pass</dt>
          <dd>{count(progress.copiedLastPass)}</dd>
        </div>
        <div>
          <dt>Flags changed in the last pass</dt>
          <dd>{count(progress.flagsChangedLastPass)}</dd>
        </div>
        <div>
          <dt>Moved in the last pass</dt>
          <dd>{count(progress.movedLastPass)}</dd>
        </div>
        <div>
          <dt>Passes</dt>
          <dd>{count(user.passes)}</dd>
        </div>
        <div>
          <dt>Last synced</dt>
          <dd>
            <Time at={user.lastSyncedAt} />
          </dd>
        </div>
      </dl>
      {progress.counts.source > 0 && <Equation counts={progress.counts} isBalanced={isBalanced(progress.counts)} />}
    </section>
  )
}
