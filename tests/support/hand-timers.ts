import type { Timers } from '../../src/platform/timers.ts'
import type { HandClock } from './hand-clock.ts'

/** Timers of a clock that moves only by hand. */
export interface HandTimers extends Timers {
  /** Time goes on: each timer is called at its moment, and what it begins is let run before the next. */
  advance(ms: number): Promise<void>
  /** The machine sleeps: time goes on, and the timers that fell due are called afterwards, late. */
  suspend(ms: number): Promise<void>
  /** Lets run what is under way, as far as it gets without time. */
  settle(): Promise<void>
  /** Timers that wait, by when they are due: monotonic milliseconds. */
  readonly waiting: readonly number[]
}

interface Timer {
  readonly due: number
  readonly callback: () => void
}

export function handTimers(clock: HandClock): HandTimers {
  const timers = new Set<Timer>()
  const first = (before: number): Timer | undefined =>
    [...timers].filter(({ due }) => due <= before).sort((a, b) => a.due - b.due)[0]

  const settle = async () => {
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  const fire = async (timer: Timer) => {
    timers.delete(timer)
    timer.callback()
    await settle()
  }
  return {
    settle,
    after(delayMs, callback) {
      const timer = { due: clock.monotonic() + delayMs, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const end = clock.monotonic() + ms
      await settle()
      for (let timer = first(end); timer !== undefined; timer = first(end)) {
        clock.advance(Math.max(0, timer.due - clock.monotonic()))
        await fire(timer)
      }
      clock.advance(end - clock.monotonic())
    },
    async suspend(ms) {
      clock.advance(ms)
      const due = [...timers].filter(({ due }) => due <= clock.monotonic()).sort((a, b) => a.due - b.due)
      for (const timer of due) if (timers.has(timer)) await fire(timer)
    },
    get waiting() {
      return [...timers].map(({ due }) => due).sort((a, b) => a - b)
    },
  }
}
