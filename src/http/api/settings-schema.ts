import { z } from '@hono/zod-openapi'
import type { BatchSettings, SettingsChanges } from '../../domain/batch-settings.ts'

/** The settings of a batch as the API shows and takes them: times are ISO 8601. */

const count = z.int().nonnegative()
const limit = count.nullable()
const lines = z.array(z.string().max(1000)).max(1000).readonly()
const path = z.array(z.string().min(1).max(1000)).max(100).readonly()
const time = z.iso.datetime({ offset: true }).nullable()

const rules = {
  includeFolders: lines,
  excludeFolders: lines,
  receivedFrom: time,
  receivedBefore: time,
  itemBytesMax: limit,
  targetRoot: path,
  folderRenames: z
    .array(z.strictObject({ from: path, to: path }))
    .max(1000)
    .readonly(),
  mapsSpecialUse: z.boolean(),
  copiesDeleted: z.boolean(),
  duplicates: z.enum(['copy', 'leave']),
  isMirror: z.boolean(),
}

const settings = {
  timeZone: z.string(),
  autoComplete: z.boolean(),
  allowsIncrementalSyncs: z.boolean(),
  badItemLimit: limit,
  largeItemLimit: limit,
  notificationEmails: lines,
  reportEveryMs: count,
  skipsReports: z.boolean(),
  savesSkippedItems: z.boolean(),
}

export const settingsSchema = z.object({ ...settings, rules: z.object(rules) }).openapi('BatchSettings')

export const settingsChangesSchema = z
  .strictObject({ ...settings, rules: z.strictObject(rules).partial() })
  .partial()
  .openapi('BatchSettingsChanges')

/** ISO 8601, or null where there is no time. */
const maybeIso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

export const settingsJson = (given: BatchSettings): z.infer<typeof settingsSchema> => ({
  ...given,
  rules: {
    ...given.rules,
    receivedFrom: maybeIso(given.rules.receivedFrom),
    receivedBefore: maybeIso(given.rules.receivedBefore),
  },
})

/** Milliseconds UTC; undefined and null stay what they are. */
const timeOf = <T extends null | undefined>(text: string | T): number | T =>
  typeof text === 'string' ? Date.parse(text) : text

export function settingsFrom({ rules, ...changes }: z.infer<typeof settingsChangesSchema>): SettingsChanges {
  if (rules === undefined) return changes
  const { receivedFrom, receivedBefore, ...others } = rules
  return {
    ...changes,
    rules: {
      ...others,
      ...(receivedFrom !== undefined && { receivedFrom: timeOf(receivedFrom) }),
      ...(receivedBefore !== undefined && { receivedBefore: timeOf(receivedBefore) }),
    },
  }
}
