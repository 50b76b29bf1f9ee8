import { existsSync, rmSync, writeFileSync } from 'node:fs'

/** Room that is kept for the day when the disk is full: what is under way then can still be settled. */
export interface Ballast {
  /** False: there was none to free. */
  free(): boolean
  /** Takes the room again, if there is any; looks at most once a minute. */
  keep(): void
}

/** Enough for all that may be unanswered at a time, some thousand records, twice over. */
const ballastBytes = 1024 * 1024
const everyMs = 60_000

export function createBallast(file: string): Ballast {
  let keptAt = Number.NEGATIVE_INFINITY
  const ballast: Ballast = {
    free() {
      if (!existsSync(file)) return false
      rmSync(file)
      return true
    },
    keep() {
      if (performance.now() - keptAt < everyMs) return
      keptAt = performance.now()
      if (!existsSync(file)) fill(file)
    },
  }
  ballast.keep()
  return ballast
}

function fill(file: string): void {
  try {
    writeFileSync(file, new Uint8Array(ballastBytes).fill(0x42), { mode: 0o600 })
  } catch {
    // No room for it: then it is not worth having, and what fails is told by the writes themselves.
    rmSync(file, { force: true })
  }
}
