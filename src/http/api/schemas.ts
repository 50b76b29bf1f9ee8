import { z } from '@hono/zod-openapi'
import { consistencies } from '../../domain/consistency.ts'
import { batchStatuses } from '../../domain/status.ts'
import { userStatuses } from '../../domain/user-status.ts'
import { settingsSchema } from './settings-schema.ts'

/** Shapes of the API, in the words of the domain. Times are ISO 8601 in UTC, sizes bytes, spans milliseconds. */

const time = z.iso.datetime()
export const maybeTime = time.nullable()
export const count = z.int().nonnegative()
export const path = z.array(z.string()).readonly()
const oneOf = <const T extends string>(values: readonly T[]) => z.enum(values)

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    problems: z
      .array(z.object({ line: z.int().nullable(), column: z.string().nullable(), message: z.string() }))
      .readonly(),
  })
  .openapi('Problem')

export const itemCountsSchema = z
  .object({
    source: count,
    copied: count,
    adopted: count,
    excluded: count,
    removed: count,
    skipped: count,
    failed: count,
    gone: count,
  })
  .openapi('ItemCounts')

const consistencySchema = z.enum(consistencies).nullable()

export const batchSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    type: z.literal('imap'),
    direction: z.enum(['onboarding', 'offboarding', 'direct']),
    status: oneOf(batchStatuses),
    sourceEndpointId: z.int(),
    sourceEndpointName: z.string(),
    targetEndpointId: z.int(),
    targetEndpointName: z.string(),
    priority: z.int(),
    incrementalEveryMs: count,
    settings: settingsSchema,
    startAfter: maybeTime,
    completeAfter: maybeTime,
    consistency: consistencySchema,
    counts: z.object({
      total: count,
      pending: count,
      active: count,
      synced: count,
      completed: count,
      failed: count,
      stopped: count,
    }),
    createdAt: time,
    startedAt: maybeTime,
    initialSyncedAt: maybeTime,
    lastSyncedAt: maybeTime,
    completedAt: maybeTime,
    nextPassAt: maybeTime,
  })
  .openapi('Batch')

export const userErrorSchema = z
  .object({
    code: z.string(),
    side: z.enum(['source', 'target']).nullable(),
    message: z.string(),
    meaning: z.string(),
    remedy: z.string(),
    at: time,
  })
  .openapi('UserError')

export const userSchema = z
  .object({
    id: z.int(),
    batchId: z.int(),
    batchName: z.string(),
    emailAddress: z.string(),
    sourceUserName: z.string(),
    targetUserName: z.string(),
    userRoot: z.string().nullable(),
    hasSourcePassword: z.boolean(),
    hasTargetPassword: z.boolean(),
    status: oneOf(userStatuses),
    error: userErrorSchema.nullable(),
    progress: z.object({
      counts: itemCountsSchema,
      itemsTotal: count,
      itemsDone: count,
      bytesTotal: count,
      bytesDone: count,
      copiedLastPass: count,
      flagsChangedLastPass: count,
      movedLastPass: count,
    }),
    missingTargetFolder: z.enum(['hold', 'recreate', 'leave']),
    passes: count,
    attempts: count,
    lastSyncedAt: maybeTime,
    retryAt: maybeTime,
    consistency: consistencySchema,
    unapproved: count,
    startedAt: maybeTime,
    initialSyncedAt: maybeTime,
    settings: z.object({
      startAfter: maybeTime,
      completeAfter: maybeTime,
      badItemLimit: count.nullable(),
      largeItemLimit: count.nullable(),
    }),
  })
  .openapi('User')

const maybeCount = count.nullable()

export const statisticsSchema = z
  .object({
    itemsTotal: count,
    itemsSynced: count,
    itemsSkipped: count,
    bytesTotal: count,
    bytesSynced: count,
    percentage: maybeCount,
    queuedMs: count,
    inProgressMs: count,
    syncedMs: count,
    stalledMs: count,
    itemsPerMinute: maybeCount,
    bytesPerMinute: maybeCount,
    bytesPerHour: maybeCount,
  })
  .openapi('UserStatistics')

export const folderSchema = z
  .object({ sourcePath: path, targetPath: path, counts: itemCountsSchema, isDirty: z.boolean() })
  .openapi('Folder')

export const issueSchema = z
  .object({
    folderPath: path,
    sourceUid: z.int(),
    code: z.string(),
    detail: z.string(),
    subject: z.string(),
    sender: z.string(),
    sentAt: z.string(),
    messageId: z.string(),
    sizeBytes: count,
  })
  .openapi('ItemIssue')

/** A list, and where its next page begins. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item).readonly(), nextCursor: z.string().nullable() })
