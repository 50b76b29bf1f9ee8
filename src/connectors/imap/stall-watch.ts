import { clearInterval, setInterval } from 'node:timers'

const looksPerStall = 10

/**
 * Tells when nothing has moved for a while although something should. It counts looks, not time: a process that slept
 * has one look behind it, not an hour, and so reads its sockets before it judges.
 */
export class StallWatch {
  readonly #timer: ReturnType<typeof setInterval>
  #looks = 0
  #progressBefore = -1

  constructor(stallMs: number, watched: { isWaiting(): boolean; progress(): number; onStall(): void }) {
    this.#timer = setInterval(() => {
      const progress = watched.progress()
      const isStill = watched.isWaiting() && progress === this.#progressBefore
      this.#looks = isStill ? this.#looks + 1 : 0
      this.#progressBefore = progress
      if (this.#looks >= looksPerStall) watched.onStall()
    }, stallMs / looksPerStall)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
