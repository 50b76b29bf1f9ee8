import { type DayBytes, type Direction, dayOf } from '../domain/endpoint-caps.ts'
import type { Clock } from '../platform/clock.ts'
import type { Timers } from '../platform/timers.ts'

/** Of an endpoint as a whole where `mailbox` is null. */
interface Place {
  readonly endpointId: number
  readonly mailbox: string | null
}

/** Counts the bytes of each day of UTC, and writes them down. */
export interface DayCounter {
  moved(place: Place, direction: Direction): number
  /** Counted for the mailbox and for the endpoint as a whole. */
  count(place: Place, direction: Direction, bytes: number): void
  /** Writes what is not written yet. */
  stop(): Promise<void>
}

export interface DayCounterOptions {
  readonly clock: Clock
  readonly timers: Timers
  /** What moved today already. */
  readonly moved: readonly DayBytes[]
  /** Adds to what stands there; where it fails it is asked again. */
  readonly write: (moved: readonly DayBytes[]) => Promise<void>
}

/** What a process that is killed forgets of the day's bytes is what moved within this time. */
const writeAfterMs = 1_000

export function createDayCounter({ clock, timers, moved: before, write }: DayCounterOptions): DayCounter {
  let day = dayOf(clock.now())
  const today = new Map<string, number>()
  let unwritten = new Map<string, DayBytes>()
  let cancelTimer: (() => void) | null = null
  let writing: Promise<void> = Promise.resolve()

  /** A new day begins with nothing moved. What the old one still has to be written keeps its date. */
  const turnPage = (): void => {
    if (dayOf(clock.now()) === day) return
    day = dayOf(clock.now())
    today.clear()
  }

  const add = (place: Place, direction: Direction, bytes: number): void => {
    const key = keyOf(place, direction)
    today.set(key, (today.get(key) ?? 0) + bytes)
  }

  /** Never rejects: a store that fails is told of elsewhere, and what was not written is kept for the next time. */
  const writeAll = async (): Promise<void> => {
    const rows = unwritten
    if (rows.size === 0) return
    unwritten = new Map()
    try {
      await write([...rows.values()])
    } catch {
      for (const [key, row] of rows) {
        const { read = 0, written = 0 } = unwritten.get(key) ?? {}
        unwritten.set(key, { ...row, read: row.read + read, written: row.written + written })
      }
    }
  }

  const arm = (): void => {
    cancelTimer ??= timers.after(writeAfterMs, () => {
      cancelTimer = null
      writing = writing.then(writeAll)
    })
  }

  for (const row of before.filter((one) => one.day === day)) {
    add(row, 'read', row.read)
    add(row, 'written', row.written)
  }

  return {
    moved(place, direction) {
      turnPage()
      return today.get(keyOf(place, direction)) ?? 0
    },
    count({ endpointId, mailbox }, direction, bytes) {
      if (bytes === 0) return
      turnPage()
      for (const place of [
        { endpointId, mailbox: null },
        { endpointId, mailbox },
      ]) {
        add(place, direction, bytes)
        const key = keyOf(place, String(day))
        const known = unwritten.get(key) ?? { ...place, day, read: 0, written: 0 }
        unwritten.set(key, { ...known, [direction]: known[direction] + bytes })
      }
      arm()
    },
    async stop() {
      cancelTimer?.()
      await writing
      await writeAll()
    },
  }
}

const keyOf = ({ endpointId, mailbox }: Place, what: string): string => `${endpointId} ${what} ${mailbox ?? ''}`
