import { z } from '@hono/zod-openapi'
import { userStatuses } from '../../domain/user-status.ts'
import { settingsChangesSchema } from './settings-schema.ts'

/** What the API takes. A field that has no meaning is a mistake, not passed over: it may be a misspelt one. */

const secret = z.string().max(1000)

const nameOrId = z.union([z.string(), z.int()]).nullish()

/** ISO 8601; without an offset a time of the batch's zone. */
const times = { startAfter: z.string().nullish(), completeAfter: z.string().nullish() }

export const newBatchSchema = z
  .strictObject({
    name: z.string(),
    sourceEndpoint: nameOrId,
    targetEndpoint: nameOrId,
    csv: z.string(),
    incrementalEveryMs: z.int().optional(),
    settings: settingsChangesSchema.optional(),
    ...times,
    autoStart: z.boolean().optional(),
    allowUnknownColumns: z.boolean().optional(),
  })
  .openapi('NewBatch')

export const batchChangesSchema = z
  .strictObject({
    name: z.string(),
    incrementalEveryMs: z.int(),
    settings: settingsChangesSchema,
    sourceEndpoint: z.union([z.string(), z.int()]),
    targetEndpoint: z.union([z.string(), z.int()]),
    ...times,
  })
  .partial()
  .openapi('BatchChanges')

export const completionSchema = z.strictObject({ isWholeOnly: z.boolean().optional() }).openapi('Completion')

export const prioritySchema = z.strictObject({ to: z.enum(['highest', 'lowest']) }).openapi('Priority')

export const removalQuerySchema = z.object({ force: z.enum(['true', 'false']).optional() })

export const userChangesSchema = z
  .strictObject({
    sourceUserName: z.string().optional(),
    sourcePassword: secret.optional(),
    targetUserName: z.string().optional(),
    targetPassword: secret.optional(),
    missingTargetFolder: z.enum(['hold', 'recreate', 'leave']).optional(),
    ...times,
    badItemLimit: z.int().nullish(),
    largeItemLimit: z.int().nullish(),
  })
  .openapi('UserChanges')

export const verificationRequestSchema = z
  .strictObject({ readsData: z.boolean().default(false) })
  .openapi('VerificationRequest')

export const userQuerySchema = z.object({
  status: z.enum(userStatuses).optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).optional(),
})

export const batchQuerySchema = z.object({ batch: z.string().optional() })
