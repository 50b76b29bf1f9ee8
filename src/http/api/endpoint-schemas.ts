import { z } from '@hono/zod-openapi'
import type { Endpoint } from '../../domain/endpoint.ts'
import type { EndpointEdit, EndpointStanding } from '../../operations/endpoints.ts'

/** What the API takes and tells of endpoints. A field that has no meaning is a mistake, not passed over. */

const count = z.int().nonnegative()
const secret = z.string().max(1000)
const maybeTime = z.iso.datetime().nullable()
const security = z.enum(['none', 'ssl', 'tls'])

const workingHoursSchema = z
  .strictObject({
    days: z.array(z.int()).readonly().openapi({ description: 'Days on which they begin: 1 is Monday, 7 is Sunday' }),
    from: z.string().openapi({ description: 'HH:MM as the clocks of the zone show it' }),
    to: z.string().openapi({ description: 'HH:MM; at or before `from` it is of the next day' }),
    timeZone: z.string().openapi({ description: 'IANA name, such as Europe/Berlin' }),
    mailMoves: z.enum(['inside', 'outside']).openapi({ description: 'On which side of them passes run' }),
  })
  .openapi('WorkingHours')

const cap = (description: string) =>
  z
    .int()
    .nullish()
    .openapi({ description: `${description}; null is no cap` })

const load = {
  concurrentMigrationsMax: z.int().optional(),
  concurrentIncrementalSyncsMax: z.int().optional(),
  connectionsMax: z.int().optional(),
  bytesPerSecondMax: cap('Bytes of messages a second, over all users of the endpoint together'),
  messagesPerSecondMax: cap('Messages a second, over all users together'),
  bytesReadPerDayMax: cap('Bytes read from the endpoint within a day of UTC'),
  bytesWrittenPerDayMax: cap('Bytes written to the endpoint within a day of UTC'),
  mailboxBytesReadPerDayMax: cap('Bytes read from each mailbox within a day of UTC'),
  mailboxBytesWrittenPerDayMax: cap('Bytes written to each mailbox within a day of UTC'),
  workingHours: workingHoursSchema.nullish(),
}

const connection = {
  port: z.int().optional(),
  acceptsUntrustedCertificates: z.boolean().optional(),
  ca: z.string().nullish(),
  login: z.string().optional(),
  usesAuthzid: z.boolean().optional(),
  adminName: z.string().nullish(),
  adminPassword: secret.nullish(),
}

export const newEndpointSchema = z
  .strictObject({
    name: z.string(),
    host: z.string(),
    security,
    ...connection,
    isHome: z.boolean().optional(),
    ...load,
  })
  .openapi('NewEndpoint')

export const endpointChangesSchema = z
  .strictObject({
    name: z.string().optional(),
    host: z.string().optional(),
    security: security.optional(),
    ...connection,
    isHome: z.boolean().optional(),
    ...load,
  })
  .openapi('EndpointChanges')

const mailbox = { userName: z.string().optional(), password: secret.optional() }

export const testMailboxSchema = z.strictObject(mailbox).openapi('TestMailbox')

export const testSettingsSchema = z
  .strictObject({ host: z.string(), security, ...connection, ...mailbox })
  .openapi('TestSettings')

const origin = z.enum(['preset', 'default', 'set'])
const limitsSchema = { concurrentMigrationsMax: count, concurrentIncrementalSyncsMax: count, connectionsMax: count }
const capsSchema = {
  bytesPerSecondMax: count.nullable(),
  messagesPerSecondMax: count.nullable(),
  bytesReadPerDayMax: count.nullable(),
  bytesWrittenPerDayMax: count.nullable(),
  mailboxBytesReadPerDayMax: count.nullable(),
  mailboxBytesWrittenPerDayMax: count.nullable(),
  workingHours: workingHoursSchema.nullable(),
}

export const endpointSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    protocol: z.literal('imap'),
    server: z.object({
      host: z.string(),
      port: z.int(),
      security,
      acceptsUntrustedCertificates: z.boolean(),
      ca: z.string().nullable(),
    }),
    signIn: z.object({ login: z.string(), usesAuthzid: z.boolean() }),
    adminName: z.string().nullable(),
    hasAdminPassword: z.boolean(),
    isHome: z.boolean(),
    limits: z.object({ ...limitsSchema, literalBytesMax: count }),
    caps: z.object(capsSchema),
    preset: z.object({ name: z.string(), reason: z.string() }).nullable().openapi({
      description: 'The provider whose figures are the defaults of the limits',
    }),
    origins: z.record(z.string(), origin).openapi({
      description: 'Where each limit and cap comes from: the preset, the general default, or somebody who set it',
    }),
    activity: z.object({
      migrations: count,
      incrementalSyncs: count,
      bytesReadToday: count,
      bytesWrittenToday: count,
      heldUntil: maybeTime.openapi({ description: 'Until when it is left in peace, because of what it answered' }),
      allowedNow: count
        .nullable()
        .openapi({ description: 'Users at a time that it bears now; null: as many as are set' }),
      closedUntil: maybeTime.openapi({ description: 'Until when no pass begins, by the working hours' }),
    }),
    createdAt: z.iso.datetime(),
  })
  .openapi('Endpoint')

export const changedEndpointSchema = endpointSchema
  .extend({ notes: z.array(z.string()).readonly().openapi({ description: 'What follows from the change' }) })
  .openapi('ChangedEndpoint')

export const probeSchema = z
  .object({
    isOk: z.boolean(),
    steps: z
      .array(
        z.object({
          step: z.string(),
          isOk: z.boolean(),
          elapsedMs: z.number(),
          detail: z.string(),
          notes: z.array(z.string()).readonly().optional(),
          code: z.string().nullable(),
          remedy: z.string().nullable(),
        }),
      )
      .readonly(),
    capabilities: z.array(z.string()).readonly(),
  })
  .openapi('ProbeReport')

const iso = (at: number): string => new Date(at).toISOString()

export function endpointJson(endpoint: Endpoint, standing: EndpointStanding): z.infer<typeof endpointSchema> {
  const { preset, origins, closedUntil, heldUntil, ...activity } = standing
  const maybeIso = (at: number | null): string | null => (at === null ? null : iso(at))
  return {
    ...endpoint,
    preset: preset && { name: preset.name, reason: preset.reason },
    origins: { ...origins },
    activity: { ...activity, closedUntil: maybeIso(closedUntil), heldUntil: maybeIso(heldUntil) },
    createdAt: iso(endpoint.createdAt),
  }
}

export const changedEndpointJson = (
  { endpoint, notes }: EndpointEdit,
  standing: EndpointStanding,
): z.infer<typeof changedEndpointSchema> => ({ ...endpointJson(endpoint, standing), notes })
