import { issueKind } from '../../domain/consistency.ts'
import type { ItemIssue } from '../../domain/sync-state.ts'
import type { User } from '../../domain/user.ts'
import type { UserStatistics } from '../../domain/user-statistics.ts'
import { userSummary } from '../../domain/user-status.ts'
import type { UserFolder } from '../../operations/users.ts'
import type { CmdletObject } from '../cmdlet.ts'
import { guidOf, pascal } from '../guid.ts'
import { span, utc } from './times.ts'

/** The five summaries of Exchange; who was never started counts as stopped there. */
export const summaryOf = (user: User): string =>
  userSummary[user.status] === 'pending' ? 'Stopped' : pascal(userSummary[user.status])

/** A user as Get-MigrationUser puts it out. */
export const migrationUser = (user: User): CmdletObject => ({
  Identity: user.emailAddress,
  Guid: guidOf('user', user.id),
  MailboxGuid: guidOf('user', user.id),
  MailboxEmailAddress: user.targetUserName,
  BatchId: user.batchName,
  RecipientType: 'Mailbox',
  Status: pascal(user.status),
  StatusSummary: summaryOf(user),
  DataConsistencyScore: user.consistency && pascal(user.consistency),
  HasUnapprovedSkippedItems: user.unapproved > 0,
  SyncedItemCount: user.progress.counts.copied + user.progress.counts.adopted,
  SkippedItemCount: user.progress.counts.skipped,
  LastSuccessfulSyncTime: utc(user.lastSyncedAt),
  ErrorSummary: user.error?.message ?? null,
})

/** The same with all that is measured. */
export const migrationUserStatistics = (user: User, statistics: UserStatistics): CmdletObject => ({
  ...migrationUser(user),
  Error: user.error && `${user.error.message}. ${user.error.meaning}. ${user.error.remedy}`,
  TotalQueuedDuration: span(statistics.queuedMs),
  TotalInProgressDuration: span(statistics.inProgressMs),
  TotalSyncedDuration: span(statistics.syncedMs),
  TotalStalledDuration: span(statistics.stalledMs),
  EstimatedTotalTransferSize: statistics.bytesTotal,
  EstimatedTotalTransferCount: statistics.itemsTotal,
  BytesTransferred: statistics.bytesSynced,
  CurrentBytesTransferredPerMinute: statistics.bytesPerMinute,
  AverageBytesTransferredPerHour: statistics.bytesPerHour,
  PercentageComplete: statistics.percentage,
})

export const skippedItem = (issue: ItemIssue): CmdletObject => ({
  Subject: issue.subject,
  Sender: issue.sender,
  DateSent: issue.sentAt,
  DateReceived: issue.receivedAt ?? null,
  Kind: pascal(issueKind(issue)),
  FolderName: issue.folderPath.join('/'),
  MessageSize: issue.sizeBytes,
  Failure: issue.detail,
})

export const folderLine = ({ sourcePath, targetPath, counts }: UserFolder): CmdletObject => ({
  FolderName: sourcePath.join('/'),
  TargetFolderName: targetPath.join('/'),
  ...Object.fromEntries(Object.entries(counts).map(([name, count]) => [pascal(name), count])),
})
