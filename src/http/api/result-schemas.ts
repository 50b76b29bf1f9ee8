import { z } from '@hono/zod-openapi'
import {
  batchSchema,
  count,
  folderSchema,
  issueSchema,
  itemCountsSchema,
  maybeTime,
  path,
  statisticsSchema,
  userErrorSchema,
  userSchema,
} from './schemas.ts'

const itemDifferencesSchema = z
  .array(
    z.object({
      sourceUid: z.int(),
      targetUid: z.int().nullable(),
      what: z.enum(['missing', 'content', 'date', 'flags']),
      detail: z.string(),
    }),
  )
  .readonly()

export const userReportSchema = z
  .object({
    batch: batchSchema,
    user: userSchema,
    statistics: statisticsSchema,
    folders: z.array(folderSchema).readonly(),
    issues: z.array(issueSchema).readonly(),
  })
  .openapi('UserReport')

export const verificationSchema = z
  .object({
    batch: batchSchema,
    isRunning: z.boolean(),
    differences: count,
    itemsChecked: count,
    failed: count,
    users: z
      .array(
        z.object({
          userId: z.int(),
          emailAddress: z.string(),
          isRunning: z.boolean(),
          report: z
            .object({
              folders: z
                .array(
                  z.object({
                    sourcePath: path,
                    targetPath: path,
                    sourceItems: count,
                    targetItems: count,
                    missing: itemDifferencesSchema,
                    missingItems: count,
                    doubledItems: count,
                    different: itemDifferencesSchema,
                    differentItems: count,
                  }),
                )
                .readonly(),
              itemsChecked: count,
              differences: count,
              readsData: z.boolean(),
            })
            .nullable(),
          error: userErrorSchema.nullable(),
          verifiedAt: maybeTime,
        }),
      )
      .readonly(),
  })
  .openapi('Verification')

export const reportSchema = z
  .object({
    batch: batchSchema,
    counts: itemCountsSchema,
    isBalanced: z.boolean(),
    users: z.array(userSchema).readonly(),
    issues: z.array(issueSchema.extend({ userId: z.int(), emailAddress: z.string() })).readonly(),
  })
  .openapi('BatchReport')
