import type { Fault } from '../domain/fault.ts'
import { headStart } from '../domain/head-start.ts'
import type { Item, ItemMeta, Uid } from '../domain/mail.ts'
import { planPages } from '../domain/plan.ts'
import type { FolderWork, Pass } from './folder-work.ts'
import type { ReadingTurn } from './turn.ts'

/** What was asked for and has not come. */
export type Missing = Map<Uid, ItemMeta>

/** One FETCH under way. */
export interface Page {
  readonly pageItems: number
  /** What has come is taken out by its reader. */
  readonly missing: Missing
  next(): Promise<IteratorResult<Item>>
  /** Whether the connection answered everything before it: else its failure does not speak of this page. */
  readonly isFirstToFail: Promise<boolean>
  /** The page is over. Only the first call counts; what was not read is thrown away. */
  end(isWhole: boolean): void
}

/** A page that did not come whole. */
export interface LatePage {
  readonly missing: Missing
  readonly pageItems: number
  readonly refusal: Fault | null
}

/** Asks for a page at once: it comes while others are still being read. */
export function askPage({ source, reading }: Pass, work: FolderWork, items: readonly ItemMeta[]): Page {
  const missing = new Map(items.map((item) => [item.uid, item]))
  const read = reading.begin(items)
  const answer = headStart(source.fetch(work.source, [...missing.keys()]))
  return {
    pageItems: items.length,
    missing,
    isFirstToFail: read.before,
    next: answer.next,
    end(isWhole) {
      read.end(isWhole)
      answer.return().catch(() => null)
    },
  }
}

/** The pages of a folder, asked for ahead as far as the connection has room for them. */
export class PagesAhead {
  readonly #pass: Pass
  readonly #work: FolderWork
  readonly #turn: ReadingTurn
  /** Which message may be poison: it travels when nothing else does. */
  readonly #suspect: Uid | null
  readonly #planned: Iterator<readonly ItemMeta[]>
  #upcoming: readonly ItemMeta[] | null = null
  readonly #asked: Page[] = []
  #current: Page | null = null
  readonly #late: LatePage[] = []

  constructor(pass: Pass, work: FolderWork, items: Iterable<ItemMeta>, turn: ReadingTurn) {
    this.#pass = pass
    this.#work = work
    this.#turn = turn
    this.#suspect = work.state.suspect?.uid ?? null
    this.#planned = planPages(items, this.#suspect)
    this.#plan()
  }

  /** The next page, or null when there is none. */
  async next(): Promise<Page | null> {
    const { reading } = this.#pass
    if (this.#asked.length === 0 && this.#upcoming) await reading.room(this.#upcoming)
    while (this.#upcoming && this.#mayAsk(this.#upcoming)) {
      this.#asked.push(askPage(this.#pass, this.#work, this.#upcoming))
      this.#plan()
    }
    this.#current = this.#asked.shift() ?? null
    return this.#current
  }

  /** Nothing is under way, and nothing is left to be asked for but what did not come. */
  get areRead(): boolean {
    return this.#asked.length === 0 && this.#upcoming === null
  }

  /** A page that did not come whole is asked for again when nothing else is under way. */
  put(late: LatePage): void {
    this.#late.push(late)
  }

  takeLate(): readonly LatePage[] {
    return this.#asked.length === 0 ? this.#late.splice(0) : []
  }

  /** Ends what is under way, the page that was given last too: what came of it must not hold the connection back. */
  close(): void {
    this.#current?.end(false)
    for (const page of this.#asked.splice(0)) page.end(false)
  }

  #plan(): void {
    const { value, done } = this.#planned.next()
    this.#upcoming = done ? null : value
    if (this.#upcoming === null) this.#turn.leave()
  }

  #mayAsk(page: readonly ItemMeta[]): boolean {
    if (this.#asked.length === 0) return true
    const isSuspect = page.length === 1 && page[0]?.uid === this.#suspect
    return !isSuspect && this.#late.length === 0 && this.#pass.reading.hasRoom(page)
  }
}
