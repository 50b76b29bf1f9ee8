import { expect, test } from 'bun:test'
import { noCounts } from '../../src/domain/sync-state.ts'
import type { User } from '../../src/domain/user.ts'
import { statisticsOf } from '../../src/domain/user-statistics.ts'

const user = (progress: object, times: object): User =>
  ({
    progress: { counts: noCounts, itemsTotal: 0, itemsDone: 0, bytesTotal: 0, bytesDone: 0, ...progress },
    times: { phase: null, phaseSince: 0, queuedMs: 0, inProgressMs: 0, syncedMs: 0, stalledMs: 0, ...times },
  }) as User

test('what was never counted has no percentage, and what never ran no rate', () => {
  expect(statisticsOf(user({}, {}), 5)).toMatchObject({ percentage: null, itemsPerMinute: null, bytesPerMinute: null })
})

test('the phase that it is in counts up to now, the others do not', () => {
  const times = { phase: 'stalled', phaseSince: 100, stalledMs: 7, queuedMs: 3 }
  expect(statisticsOf(user({}, times), 150)).toMatchObject({ stalledMs: 57, queuedMs: 3, inProgressMs: 0 })
  // A clock that was set back takes nothing away.
  expect(statisticsOf(user({}, times), 50).stalledMs).toBe(7)
})

test('rates are averages over the time in passes, and bytes weigh', () => {
  const counts = { ...noCounts, source: 40, copied: 20, adopted: 10, skipped: 1 }
  const progress = { counts, itemsTotal: 40, itemsDone: 31, bytesTotal: 6000, bytesDone: 3000 }
  expect(statisticsOf(user(progress, { inProgressMs: 30_000 }), 0)).toMatchObject({
    itemsSynced: 30,
    itemsSkipped: 1,
    percentage: 50,
    itemsPerMinute: 40,
    bytesPerMinute: 6000,
    bytesPerHour: 360_000,
  })
})

test('where there are no bytes, items weigh; and nobody is done before all is', () => {
  expect(statisticsOf(user({ itemsTotal: 3, itemsDone: 1 }, {}), 0).percentage).toBe(33)
  expect(statisticsOf(user({ bytesTotal: 1000, bytesDone: 999 }, {}), 0).percentage).toBe(99)
})
