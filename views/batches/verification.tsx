/** @jsxImportSource hono/jsx */

import type { FC } from 'hono/jsx'
import type { Batch } from '../../src/domain/batch.ts'
import type { UserError } from '../../src/domain/user.ts'
import type { FolderDifference, ItemDifference, VerifyReport } from '../../src/domain/verification.ts'
import { count, counted, folderPath } from '../format.ts'
import { Icon } from '../parts/icon.tsx'
import { Submit } from '../parts/submit.tsx'
import { settledUsers } from './batch.ts'

/** What the last verification of a batch found; `users` is empty when none was asked for. */
export interface VerificationResult {
  readonly isRunning: boolean
  readonly differences: number
  readonly itemsChecked: number
  readonly failed: number
  readonly users: readonly VerifiedUser[]
}

interface VerifiedUser {
  readonly userId: number
  readonly emailAddress: string
  readonly report: VerifyReport | null
  readonly error: UserError | null
}

const rowsMax = 100

export const Verification: FC<{ batch: Batch; result: VerificationResult }> = ({ batch, result }) => (
  <section id="verification" aria-labelledby="verification-title">
    <h2 id="verification-title">Verification</h2>
    <p class="muted">Both servers are read again and compared, folder by folder.</p>
    <Outcome result={result} />
    <Differences users={result.users} />
    {!result.isRunning && settledUsers(batch.counts) > 0 && (
      <form method="post" action={`/batches/${batch.id}/verification`} class="row">
        <Submit icon="shield" words={result.users.length > 0 ? 'Verify again' : 'Verify'} />
        <label>
          <input type="checkbox" name="readsData" value="on" /> Read every message and compare its bytes (slow)
        </label>
      </form>
    )}
  </section>
)

const Outcome: FC<{ result: VerificationResult }> = ({ result }) => {
  const { users, isRunning, differences, itemsChecked, failed } = result
  if (users.length === 0) return <p>Not verified yet.</p>
  const [tone, icon, words] = outcomeOf(result)
  return (
    <p class={`badge ${tone}`} role="status">
      <Icon name={icon} /> {words}
      {!isRunning && differences === 0 && failed === 0 && ` in ${counted(itemsChecked, 'message')}`}
    </p>
  )
}

function outcomeOf({ isRunning, differences, failed, users }: VerificationResult) {
  const ended = users.filter(({ report, error }) => report !== null || error !== null).length
  if (isRunning)
    return ['busy', 'sync', `Verifying: ${count(ended)} of ${counted(users.length, 'mailbox', 'mailboxes')}`] as const
  if (differences > 0) return ['bad', 'cross', counted(differences, 'difference')] as const
  if (failed > 0) return ['warn', 'alert', `${counted(failed, 'mailbox', 'mailboxes')} could not be verified`] as const
  return ['good', 'check', 'No difference'] as const
}

interface Row {
  readonly user: VerifiedUser
  readonly folder: string
  readonly what: string
  readonly detail: string
}

const Differences: FC<{ users: readonly VerifiedUser[] }> = ({ users }) => {
  const rows = users.flatMap(rowsOf)
  if (rows.length === 0) return null
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Mailbox</th>
            <th scope="col">Folder</th>
            <th scope="col">What</th>
            <th scope="col">Detail</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, rowsMax).map(({ user, folder, what, detail }) => (
            <tr>
              <td>
                <a href={`/users/${user.userId}`}>{user.emailAddress}</a>
              </td>
              <td>{folder}</td>
              <td>{what}</td>
              <td>{detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > rowsMax && <p>and {counted(rows.length - rowsMax, 'more line')}: see the report.</p>}
    </div>
  )
}

const whatLabel: Record<ItemDifference['what'], string> = {
  missing: 'Missing at the target',
  content: 'Other content',
  date: 'Other date',
  flags: 'Other flags',
}

function rowsOf(user: VerifiedUser): readonly Row[] {
  if (user.error) return [{ user, folder: '–', what: 'Not verified', detail: user.error.message }]
  return (user.report?.folders ?? []).flatMap((folder) => folderRows(user, folder))
}

/** Each difference that is named, and a line for those of a folder that are only counted. */
function folderRows(user: VerifiedUser, difference: FolderDifference): readonly Row[] {
  const folder = folderPath(difference.sourcePath)
  const named = [...difference.missing, ...difference.different]
  const unnamed = difference.missingItems + difference.differentItems - named.length
  return [
    ...named.map(({ what, detail }) => ({ user, folder, what: whatLabel[what], detail })),
    ...(unnamed > 0 ? [{ user, folder, what: 'More', detail: `${count(unnamed)} more like these` }] : []),
    ...(difference.doubledItems > 0
      ? [{ user, folder, what: 'Doubled', detail: `${count(difference.doubledItems)} copies too many` }]
      : []),
  ]
}
