import { checkRunning, type Pass } from './folder-work.ts'
import { ReadingOrder } from './reading-order.ts'
import { Turn } from './turn.ts'

/** Folders are looked into until so many messages lie ahead, so that the source is never asked too late. */
const aheadItemsMax = 500

/** A folder that waits to be worked on, and how much there is to do in it. */
export interface Waiting {
  readonly items: number
  /** Something in it may end the connection: it is worked on behind all others, when nothing else is under way. */
  readonly isAlone: boolean
  /** Ends the turn when all that it reads is asked for, at the latest when it is done. Throws what ends the whole pass. */
  readonly run: (lane: Pass, turn: Turn) => Promise<void>
}

/**
 * Works on folders, the biggest first: one behind the other over each pair of connections, each begun while the one
 * before is still being copied, unless it has to be alone. Throws the first fault that ends the pass, when all work has
 * come to rest.
 */
export async function runLanes(pass: Pass, folders: readonly Waiting[]): Promise<void> {
  const queue = folders.toSorted((a, b) => Number(a.isAlone) - Number(b.isAlone) || b.items - a.items)
  const items = folders.reduce((sum, folder) => sum + folder.items, 0)
  const first = runLane(pass, queue, pass.effort.pairs(pass.rules, items) < 2)
  const others = await openLanes(pass, queue, items, first)
  await Promise.all([first, ...others])
  if (pass.halt.fault !== null) throw pass.halt.fault.error
}

/** As many more lanes as the work is worth, as soon as that is known; as long as there is work that nobody has. */
async function openLanes(pass: Pass, queue: Waiting[], items: number, first: Promise<void>): Promise<Promise<void>[]> {
  const over = first.then(() => 'over' as const)
  const lanes: Promise<void>[] = []
  while (queue.length > 0) {
    if (pass.effort.pairs(pass.rules, items) < lanes.length + 2) {
      if ((await Promise.race([pass.effort.news(), over])) === 'over') break
      continue
    }
    const another = pass.pairs.get(lanes.length + 1).catch((error: unknown) => {
      pass.halt.stop(error)
      return null
    })
    const pair = await Promise.race([another, over])
    if (pair === null || pair === 'over') break
    if ((await Promise.race([pass.learnt.known, over])) === 'over') break
    lanes.push(runLane({ ...pass, ...pair, reading: new ReadingOrder() }, queue, false))
  }
  return lanes
}

/**
 * Never rejects: what ends the pass is kept in its halt. `shares`: of few folders it takes no more than it leaves, since
 * it may turn out that they are worth another lane.
 */
async function runLane(pass: Pass, queue: Waiting[], shares: boolean): Promise<void> {
  const running: Promise<void>[] = []
  const ahead = new Ahead(shares ? queue : [])
  let before: Turn | null = null
  for (let next = await take(pass, queue, ahead); next; next = await take(pass, queue, ahead)) {
    const { items, run, isAlone } = next
    if (isAlone) await Promise.all(running)
    ahead.add(items)
    const turn = new Turn(before, () => ahead.leave(items))
    before = turn
    const work = run(pass, turn).catch((error: unknown) => pass.halt.stop(error))
    running.push(work.finally(() => turn.end()))
    if (isAlone) await work
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
  readonly #shared: readonly Waiting[]
  #items = 0
  #folders = 0
  #wake: (() => void) | null = null

  constructor(shared: readonly Waiting[]) {
    this.#shared = shared
  }

  add(items: number): void {
    this.#items += items
    this.#folders += 1
  }

  /** A folder of so many messages is being read. */
  leave(items: number): void {
    this.#items -= items
    this.#folders -= 1
    this.#wake?.()
  }

  get #isFull(): boolean {
    const hasHalf = this.#folders > 0 && this.#shared.length > 0 && this.#folders >= this.#shared.length
    return this.#items >= aheadItemsMax || hasHalf
  }

  async room(): Promise<void> {
    while (this.#isFull) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
