import type { Fault } from '../domain/fault.ts'
import { headerFields } from '../domain/fingerprint.ts'
import type { ItemMeta } from '../domain/mail.ts'
import type { ItemIssue } from '../domain/sync-state.ts'
import { folderFault, type OpenFolder, type Pass } from './folder-work.ts'

const textMax = 300

/** What an admin needs to find a skipped message. Without a pass its header is not read: the source drops on it. */
export async function describeIssue(
  pass: Pass | null,
  { source }: OpenFolder,
  item: ItemMeta,
  fault: Fault,
): Promise<ItemIssue> {
  const fields = pass ? await readFields(pass, source, item) : {}
  return {
    folderPath: source.path,
    sourceUid: item.uid,
    code: fault.code,
    detail: fault.message.slice(0, textMax),
    subject: fields.subject?.slice(0, textMax) ?? '',
    sender: fields.from?.slice(0, textMax) ?? '',
    sentAt: fields.date?.slice(0, textMax) ?? '',
    messageId: fields['message-id']?.slice(0, textMax) ?? '',
    sizeBytes: item.sizeBytes,
    ...(item.receivedAt !== null && { receivedAt: item.receivedAt }),
  }
}

async function readFields(pass: Pass, folder: OpenFolder['source'], item: ItemMeta): Promise<Record<string, string>> {
  let fields: Record<string, string> = {}
  try {
    for await (const { header } of pass.source.headers(folder, [item.uid])) {
      fields = headerFields(header, ['subject', 'from', 'date', 'message-id'])
    }
  } catch (error) {
    // A message that cannot be read is named by its UID.
    folderFault(error)
  }
  return fields
}
