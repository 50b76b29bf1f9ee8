import { issueKind } from '../domain/consistency.ts'
import type { ItemMeta } from '../domain/mail.ts'
import type { ItemIssue } from '../domain/sync-state.ts'
import { type FolderWork, folderFault, type Pass } from './folder-work.ts'
import { askPage } from './pages.ts'

/** A message that the target does not take is kept aside, where that is asked for. One that the source refuses is not. */
export async function saveMessage(pass: Pass, work: FolderWork, item: ItemMeta, issue: ItemIssue): Promise<void> {
  const isReadable = issue.code !== 'source.corrupt' && ['bad', 'large'].includes(issueKind(issue))
  if (!pass.saveSkipped || !isReadable || item.sizeBytes > pass.saveSkipped.bytesMax) return
  await pass.reading.room([item])
  const page = askPage(pass, work, [item])
  try {
    for (let step = await page.next(); !step.done; step = await page.next()) {
      if (step.value.uid !== item.uid) continue
      await pass.saveSkipped.save(
        { folderId: work.state.id, sourceUid: item.uid, uidValidity: uidValidityOf(work) },
        step.value,
      )
    }
    page.end(true)
  } catch (error) {
    // What cannot be read stays unsaved: the issue names it all the same.
    folderFault(error)
  } finally {
    page.end(false)
  }
}

const uidValidityOf = ({ changes }: FolderWork): number => changes.status.uidValidity
