import { existsSync, readFileSync } from 'node:fs'

/** Nanoseconds that this thread was on a processor (Linux, Documentation/scheduler/sched-stats.rst). */
const ownTime = '/proc/thread-self/schedstat'

/** The work of this thread so far, in milliseconds; where the system does not tell it, the time that went by. */
const worked = existsSync(ownTime)
  ? (): number => Number(readFileSync(ownTime, 'utf8').split(' ')[0]) / 1e6
  : (): number => performance.now()

/**
 * Watches how long others wait for their turn, by the work that is done meanwhile: what other processes of a busy
 * machine take does not count. The longest turn is told in milliseconds when the watch ends.
 */
export function watchTurns(): { end(): number } {
  let longest = 0
  let last = worked()
  const beat = setInterval(() => {
    const now = worked()
    longest = Math.max(longest, now - last)
    last = now
  }, 1)
  return {
    end() {
      clearInterval(beat)
      return longest
    },
  }
}
