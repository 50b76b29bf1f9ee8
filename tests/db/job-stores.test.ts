import { createJobStore } from '../../db/stores/job-store.ts'
import { createMemoryStores } from '../support/memory-stores.ts'
import { tempDatabase } from '../support/temp-database.ts'
import { jobSuite } from './job-suite.ts'

jobSuite('memory', async () => ({ jobs: createMemoryStores().jobs, [Symbol.asyncDispose]: async () => undefined }))

jobSuite('libSQL', async () => {
  const temp = await tempDatabase()
  return { jobs: createJobStore(temp.db), [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose]() }
})
