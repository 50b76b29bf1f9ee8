import { clearInterval, setInterval } from 'node:timers'

const looksPerStall = 10
/** A connection that rests waits for the other side, whose own watch ends that; only when nothing does, this one. */
const restStalls = 10

interface Watched {
  /** Something should come. */
  isWaiting(): boolean
  /** Nothing is read on purpose. */
  isResting(): boolean
  progress(): number
  onStall(): void
}

/**
 * Tells when nothing has moved for a while although something should. It counts looks, not time: a process that slept
 * has one look behind it, not an hour, and so reads its sockets before it judges.
 */
export class StallWatch {
  readonly #timer: ReturnType<typeof setInterval>
  #looks = 0
  #progressBefore = -1

  constructor(stallMs: number, watched: Watched) {
    this.#timer = setInterval(() => {
      const progress = watched.progress()
      const isStill = watched.isWaiting() && progress === this.#progressBefore
      this.#looks = isStill ? this.#looks + 1 : 0
      this.#progressBefore = progress
      if (this.#looks >= looksPerStall * (watched.isResting() ? restStalls : 1)) watched.onStall()
    }, stallMs / looksPerStall)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
