import {
  completeBatch,
  createBatch,
  listBatches,
  removeBatch,
  retryBatch,
  showBatch,
  startBatch,
  stopBatch,
} from '../../operations/batches.ts'
