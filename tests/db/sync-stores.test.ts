import { createJobStore } from '../../db/stores/job-store.ts'
import { createSyncStore } from '../../db/stores/sync-store.ts'
import { createMemoryStores } from '../support/memory-stores.ts'
import { tempDatabase } from '../support/temp-database.ts'
import { syncSuite } from './sync-suite.ts'

syncSuite('memory', async () => ({ ...createMemoryStores(), [Symbol.asyncDispose]: async () => undefined }))

syncSuite('libSQL', async () => {
  const temp = await tempDatabase()
  return {
    jobs: createJobStore(temp.db),
    sync: createSyncStore(temp.db),
    [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose](),
  }
})
