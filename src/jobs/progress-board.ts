import type { UserProgress } from '../domain/batch.ts'
import type { Fault } from '../domain/fault.ts'
import type { LiveProgress } from '../domain/user.ts'
import type { Change } from '../platform/hub.ts'
import type { Timers } from '../platform/timers.ts'

/** What running passes tell of themselves: to whoever looks at once, to the store every few seconds. */
export interface ProgressBoard {
  report(user: { readonly id: number; readonly batchId: number }, progress: LiveProgress): void
  /** A pass ended so; it is written with its end. */
  finish(userId: number, pass: EndedPass): void
  /** The ended pass of a user, or null. */
  finished(userId: number): EndedPass | null
  /** How far the running pass of a user was when it told so last, where that is not written yet; else null. */
  unwritten(userId: number): LiveProgress | null
  forget(userId: number): void
  stop(): void
}

/** The figures of a pass, and a folder that the target would not have, where there is one. */
export interface EndedPass {
  readonly progress: UserProgress
  readonly refusal: Fault | null
}

export interface ProgressBoardOptions {
  readonly publish: (change: Change) => void
  /** One write for all users that went on since the last. */
  readonly write: (progress: ReadonlyMap<number, LiveProgress>) => Promise<void>
  readonly timers: Timers
  readonly writeEveryMs?: number
}

export function createProgressBoard({
  publish,
  write,
  timers,
  writeEveryMs = 3_000,
}: ProgressBoardOptions): ProgressBoard {
  const unwritten = new Map<number, LiveProgress>()
  const finished = new Map<number, EndedPass>()
  let cancelTimer: (() => void) | null = null

  const writeAll = () => {
    cancelTimer = null
    const progress = new Map(unwritten)
    unwritten.clear()
    // Only for the eye: the next one comes in seconds, and the end of the pass writes its own.
    if (progress.size > 0) write(progress).catch(() => undefined)
  }

  return {
    report({ id, batchId }, progress) {
      publish({ batchId, userId: id, progress })
      unwritten.set(id, progress)
      cancelTimer ??= timers.after(writeEveryMs, writeAll)
    },
    finish(userId, pass) {
      finished.set(userId, pass)
      unwritten.delete(userId)
    },
    finished: (userId) => finished.get(userId) ?? null,
    unwritten: (userId) => unwritten.get(userId) ?? null,
    forget(userId) {
      finished.delete(userId)
      unwritten.delete(userId)
    },
    stop() {
      cancelTimer?.()
      unwritten.clear()
    },
  }
}
