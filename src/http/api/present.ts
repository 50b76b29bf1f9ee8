import type { z } from '@hono/zod-openapi'
import type { Batch } from '../../domain/batch.ts'
import type { User, UserError } from '../../domain/user.ts'
import type { BatchReport } from '../../operations/batches.ts'
import type { UserReport } from '../../operations/user-report.ts'
import type { BatchVerification } from '../../operations/verification.ts'
import type { reportSchema, userReportSchema, verificationSchema } from './result-schemas.ts'
import type { batchSchema, userSchema } from './schemas.ts'
import { settingsJson } from './settings-schema.ts'

const iso = (at: number): string => new Date(at).toISOString()
const maybeIso = (at: number | null): string | null => (at === null ? null : iso(at))

export const batchJson = (batch: Batch): z.infer<typeof batchSchema> => ({
  ...batch,
  settings: settingsJson(batch.settings),
  startAfter: maybeIso(batch.startAfter),
  completeAfter: maybeIso(batch.completeAfter),
  createdAt: iso(batch.createdAt),
  startedAt: maybeIso(batch.startedAt),
  initialSyncedAt: maybeIso(batch.initialSyncedAt),
  lastSyncedAt: maybeIso(batch.lastSyncedAt),
  completedAt: maybeIso(batch.completedAt),
  nextPassAt: maybeIso(batch.nextPassAt),
})

const errorJson = (error: UserError | null) => error && { ...error, at: iso(error.at) }

export const userJson = ({ times, settings, ...user }: User): z.infer<typeof userSchema> => ({
  ...user,
  startedAt: maybeIso(times.startedAt),
  initialSyncedAt: maybeIso(times.initialSyncedAt),
  settings: {
    ...settings,
    startAfter: maybeIso(settings.startAfter),
    completeAfter: maybeIso(settings.completeAfter),
  },
  error: errorJson(user.error),
  lastSyncedAt: maybeIso(user.lastSyncedAt),
  retryAt: maybeIso(user.retryAt),
})

export const verificationJson = (result: BatchVerification): z.infer<typeof verificationSchema> => ({
  ...result,
  batch: batchJson(result.batch),
  users: result.users.map((user) => ({
    ...user,
    error: errorJson(user.error),
    verifiedAt: maybeIso(user.verifiedAt),
  })),
})

export const userReportJson = (report: UserReport): z.infer<typeof userReportSchema> => ({
  ...report,
  batch: batchJson(report.batch),
  user: userJson(report.user),
})

export const reportJson = (report: BatchReport): z.infer<typeof reportSchema> => ({
  ...report,
  batch: batchJson(report.batch),
  users: report.users.map(userJson),
})
