import type { Database, Statement } from '../client.ts'
import { savedMessages } from '../schema/approvals.ts'

export type SavedRow = typeof savedMessages.$inferInsert

/** Once the file is on the disk. */
export const putSavedMessage = (db: Database, row: SavedRow): Statement =>
  db.query
    .insert(savedMessages)
    .values(row)
    .onConflictDoUpdate({
      target: [savedMessages.userId, savedMessages.folderId, savedMessages.sourceUid, savedMessages.uidValidity],
      set: { sizeBytes: row.sizeBytes, savedAt: row.savedAt },
    })
