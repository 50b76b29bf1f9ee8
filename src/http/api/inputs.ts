import { z } from '@hono/zod-openapi'
import { userStatuses } from '../../domain/user-status.ts'
import { settingsChangesSchema } from './settings-schema.ts'

/** What the API takes. A field that has no meaning is a mistake, not passed over: it may be a misspelt one. */

const secret = z.string().max(1000)

const limits = {
  concurrentMigrationsMax: z.int().optional(),
  concurrentIncrementalSyncsMax: z.int().optional(),
  connectionsMax: z.int().optional(),
}

export const newEndpointSchema = z
  .strictObject({
    name: z.string(),
    host: z.string(),
    port: z.int().optional(),
    security: z.enum(['none', 'ssl', 'tls']),
    acceptsUntrustedCertificates: z.boolean().optional(),
    ca: z.string().nullish(),
    login: z.string().optional(),
    usesAuthzid: z.boolean().optional(),
    adminName: z.string().nullish(),
    adminPassword: secret.nullish(),
    isHome: z.boolean().optional(),
    ...limits,
  })
  .openapi('NewEndpoint')

export const endpointChangesSchema = z.strictObject(limits).openapi('EndpointChanges')

export const testMailboxSchema = z
  .strictObject({ userName: z.string().optional(), password: secret.optional() })
  .openapi('TestMailbox')

const nameOrId = z.union([z.string(), z.int()]).nullish()

export const newBatchSchema = z
  .strictObject({
    name: z.string(),
    sourceEndpoint: nameOrId,
    targetEndpoint: nameOrId,
    csv: z.string(),
    incrementalEveryMs: z.int().optional(),
    settings: settingsChangesSchema.optional(),
    autoStart: z.boolean().optional(),
    allowUnknownColumns: z.boolean().optional(),
  })
  .openapi('NewBatch')

export const userChangesSchema = z
  .strictObject({
    sourceUserName: z.string().optional(),
    sourcePassword: secret.optional(),
    targetUserName: z.string().optional(),
    targetPassword: secret.optional(),
    missingTargetFolder: z.enum(['hold', 'recreate', 'leave']).optional(),
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
