import { checkRunning, type Pass } from './folder-work.ts'
import { ReadingOrder } from './reading-order.ts'
import { Turn } from './turn.ts'

/** Folders are looked into until so many messages lie ahead, so that the source is never asked too late. */
const aheadItemsMax = 500

/** A folder that waits to be worked on, and how much there is to do in it. */
export interface Waiting {
  readonly items: number
  /** Ends the turn when all that it reads is asked for, at the latest when it is done. Throws what ends the whole pass. */
  readonly run: (lane: Pass, turn: Turn) => Promise<void>
}

/**
 * Works on folders, the biggest first: one behind the other over each pair of connections, each begun while the one
 * before is still being copied. Throws the first fault that ends the pass, when all work has come to rest.
 */
export async function runLanes(pass: Pass, folders: readonly Waiting[]): Promise<void> {
  const queue = folders.toSorted((a, b) => b.items - a.items)
  const lanes = [runLane(pass, queue)]
  const lanesMax = Math.floor(folders.reduce((sum, { items }) => sum + items, 0) / pass.rules.itemsPerPairMin)
  while (lanes.length < lanesMax && queue.length > 0) {
    const pair = await pass.pairs.get(lanes.length)
    if (pair === null || queue.length === 0) break
    const [first] = lanes
    await Promise.race([pass.learnt.known, first])
    lanes.push(runLane({ ...pass, ...pair, reading: new ReadingOrder() }, queue))
  }
  await Promise.all(lanes)
  if (pass.halt.fault !== null) throw pass.halt.fault.error
}

/** Never rejects: what ends the pass is kept in its halt. */
async function runLane(pass: Pass, queue: Waiting[]): Promise<void> {
  const running: Promise<void>[] = []
  const ahead = new Ahead()
  let before: Turn | null = null
  for (let next = await take(pass, queue, ahead); next; next = await take(pass, queue, ahead)) {
    const { items, run } = next
    ahead.add(items)
    const turn = new Turn(before, () => ahead.add(-items))
    before = turn
    const work = run(pass, turn).catch((error: unknown) => pass.halt.stop(error))
    running.push(work.finally(() => turn.end()))
  }
  await Promise.all(running)
}

async function take(pass: Pass, queue: Waiting[], ahead: Ahead): Promise<Waiting | undefined> {
  await ahead.room()
  if (pass.halt.fault !== null) return undefined
  try {
    checkRunning(pass)
  } catch (error) {
    pass.halt.stop(error)
    return undefined
  }
  return queue.shift()
}

/** Messages in folders that are looked into and not read yet. */
class Ahead {
  #items = 0
  #wake: (() => void) | null = null

  add(items: number): void {
    this.#items += items
    this.#wake?.()
  }

  async room(): Promise<void> {
    while (this.#items >= aheadItemsMax) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
