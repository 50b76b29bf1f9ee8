import { putSavedMessage } from '../../db/queries/saved-messages.ts'
import type { Work } from '../../db/queries/work.ts'
import type { SkippedStore } from '../engine/pass.ts'
import type { JobContext } from './context.ts'

/** Larger ones are not kept aside: they would fill the disk before anybody looks. */
const bytesMax = 256 * 1024 * 1024

/** Keeps what the target does not take beside the report, where the batch asks for it. */
export function skippedStore({ saved, db, clock }: JobContext, { user, batch }: Work): SkippedStore | undefined {
  if (!batch.settings.savesSkippedItems) return undefined
  return {
    bytesMax,
    async save(place, { body }) {
      const sizeBytes = await saved.save({ ...place, batchId: batch.id, userId: user.id }, body)
      await db.write([putSavedMessage(db, { ...place, userId: user.id, sizeBytes, savedAt: clock.now() })])
    },
  }
}
