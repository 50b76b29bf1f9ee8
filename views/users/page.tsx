/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { ItemIssue } from '../../src/domain/sync-state.ts'
import type { User } from '../../src/domain/user.ts'
import { Crumbs, Layout } from '../layout.tsx'
import { Icon } from '../parts/icon.tsx'
import { Problems, type Refused } from '../parts/problems.tsx'
import { EditUser } from './edit.tsx'
import type { FolderRow } from './folders.tsx'
import { UserProgressPanel } from './panel.tsx'
import { isUserMoving } from './user.ts'

interface UserPageProps {
  user: User
  folders: readonly FolderRow[]
  issues: readonly ItemIssue[]
  refused: Refused | null
}

export const UserPage: FC<UserPageProps> = ({ user, folders, issues, refused }) => (
  <Layout title={user.emailAddress} place="batches" refreshSeconds={isUserMoving(user) ? 5 : null}>
    <Crumbs
      trail={[
        ['/batches', 'Batches'],
        [`/batches/${user.batchId}`, user.batchName],
      ]}
    />
    <h1>{user.emailAddress}</h1>
    <p class="lead">
      <span class="muted">source</span> {user.sourceUserName} <Icon name="arrow" />
      <span class="unseen">to</span> <span class="muted">target</span> {user.targetUserName}
    </p>
    <Problems refused={refused} />
    <UserProgressPanel user={user} folders={folders} issues={issues} />
    <EditUser user={user} />
  </Layout>
)
