import { openClient, segment } from './client.ts'
import type { Column, Row } from './output.ts'
import type { Call, Handler } from './verb.ts'

const columns: readonly Column[] = [
  ['Address', 'emailAddress'],
  ['Folder', 'folderPath'],
  ['Kind', 'kind'],
  ['Date', 'sentAt'],
  ['From', 'sender'],
  ['Subject', 'subject'],
  ['Bytes', 'sizeBytes'],
  ['Reason', 'detail'],
  ['Approved', 'approval.reason'],
  ['Kept', 'savedBytes'],
]

const approvedColumns: readonly Column[] = [
  ['Approved items', 'items'],
  ['Users who still wait', 'waitingUsers'],
]

/** Exits with 8 while users of the batch still wait: they are Poor, and each of their items is approved by itself. */
const approving =
  (resource: 'batches' | 'users'): Handler =>
  async ({ shell, output, args: [name], options }) => {
    const client = await openClient(shell, options)
    const by = options.text('by')
    const approved = await client.send(
      'POST',
      `/${resource}/${segment(name)}/approval${ofBatch(options.text('batch'))}`,
      {
        reason: options.need('reason'),
        ...(by !== null && { by }),
      },
    )
    await output.row(approved, approvedColumns)
    return Number(approved.waitingUsers) > 0 ? 'needsApproval' : 'done'
  }

export const approveBatch = approving('batches')
export const approveUser = approving('users')

const listing =
  (resource: 'batches' | 'users'): Handler =>
  async (call) => {
    await call.output.list(await skipped(call, resource), columns)
    return 'done'
  }

export const listSkippedOfBatch = listing('batches')
export const listSkippedOfUser = listing('users')

async function skipped({ shell, args: [name], options }: Call, resource: string): Promise<readonly Row[]> {
  const client = await openClient(shell, options)
  return await client.all(`/${resource}/${segment(name)}/skipped${ofBatch(options.text('batch'))}`)
}

const ofBatch = (batch: string | null): string => (batch === null ? '' : `?batch=${segment(batch)}`)
