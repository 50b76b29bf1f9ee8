/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import { faultKinds } from '../../src/domain/fault.ts'
import type { ItemIssue } from '../../src/domain/sync-state.ts'
import { bytes, counted, folderPath } from '../format.ts'

const rowsMax = 200

/** Messages that are not at the target, each with what an admin needs to find it at the source. */
export const IssueTable: FC<{ issues: readonly ItemIssue[] }> = ({ issues }) =>
  issues.length === 0 ? null : (
    <section aria-labelledby="issues">
      <h2 id="issues">Messages that are not at the target</h2>
      <div class="scroll">
        <table class="compact">
          <thead>
            <tr>
              <th scope="col">Message</th>
              <th scope="col">Sent</th>
              <th scope="col">Folder</th>
              <th scope="col" class="number">
                UID
              </th>
              <th scope="col" class="number">
                Size
              </th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {issues.slice(0, rowsMax).map((issue) => (
              <Row issue={issue} />
            ))}
          </tbody>
        </table>
      </div>
      {issues.length > rowsMax && <p>and {counted(issues.length - rowsMax, 'more message')}: see the report.</p>}
    </section>
  )

const Row: FC<{ issue: ItemIssue }> = ({ issue }) => (
  <tr>
    <th scope="row">
      {issue.subject || 'No subject'}
      <small class="muted">{issue.sender}</small>
    </th>
    <td>{issue.sentAt}</td>
    <td>{folderPath(issue.folderPath)}</td>
    <td class="number">{issue.sourceUid}</td>
    <td class="number">{bytes(issue.sizeBytes)}</td>
    <td>
      {faultKinds[issue.code].meaning}
      <small class="words">{issue.detail}</small>
    </td>
  </tr>
)
