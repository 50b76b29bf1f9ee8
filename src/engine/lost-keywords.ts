import { hasCopy } from '../domain/folder-ledger.ts'
import { wholeFolder } from '../domain/sync-state.ts'
import { lookAt } from './breathing.ts'
import type { FolderWork, Pass } from './folder-work.ts'

/** Names, in one issue for the folder, the keywords of its messages that the target cannot keep. */
export async function nameLostKeywords(pass: Pass, work: FolderWork): Promise<void> {
  const used = await usedKeywords(work)
  if (used.size === 0) return
  const kept = new Set(await pass.target.keptFlags(work.target, [...used.keys()]))
  const lost = [...used].filter(([keyword]) => !kept.has(keyword))
  if (lost.length === 0) return
  const messages = Math.max(...lost.map(([, count]) => count))
  const names = lost.slice(0, namesMax).map(([keyword, count]) => `${keyword} (${count} messages)`)
  const others = lost.length > namesMax ? ` and ${lost.length - namesMax} more` : ''
  const issue = {
    folderPath: work.source.path,
    sourceUid: wholeFolder,
    code: 'append.flags-lost' as const,
    detail: `The target keeps no keyword ${names.join(', ')}${others}`,
    ...{ subject: '', sender: '', sentAt: '', messageId: '', sizeBytes: 0, messages },
  }
  await pass.store.settle(pass.fence, [{ folderId: work.state.id, records: [], issues: [issue] }])
}

const namesMax = 10

/** How many messages with a copy have each keyword. What begins with a backslash every server keeps. */
async function usedKeywords({ ledger }: FolderWork): Promise<ReadonlyMap<string, number>> {
  const used = new Map<string, number>()
  await lookAt(ledger.heads(), (head) => {
    if (head.isVanished || !hasCopy(head)) return
    for (const flag of head.flags) if (!flag.startsWith('\\')) used.set(flag, (used.get(flag) ?? 0) + 1)
  })
  return used
}
