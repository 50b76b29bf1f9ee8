import type { ItemMeta } from '../domain/mail.ts'

/** So much may be asked for and not be read yet: enough that the source never waits, little enough to stop any time. */
const underWayItemsMax = 1500
const underWayBytesMax = 48 * 1024 * 1024

/** A page that is being read. */
export interface PageRead {
  /** Whether all pages before it came whole: else a failure of the connection does not speak of this one. */
  readonly before: Promise<boolean>
  /** Call it once the page is over. */
  end(isWhole: boolean): void
}

/**
 * Pages that one connection answers one behind the other, whichever folder they are of. Of those that fail together
 * only the first can be to blame.
 */
export class ReadingOrder {
  #items = 0
  #bytes = 0
  #last: Promise<boolean> = Promise.resolve(true)
  #wake: (() => void)[] = []

  /** Waits until the page may be asked for. */
  async room(page: readonly ItemMeta[]): Promise<void> {
    while (!this.hasRoom(page)) {
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  hasRoom(page: readonly ItemMeta[]): boolean {
    const isInBounds = this.#items + page.length <= underWayItemsMax && this.#bytes + bytesOf(page) <= underWayBytesMax
    return this.#items === 0 || isInBounds
  }

  /** The page is asked for now. */
  begin(page: readonly ItemMeta[]): PageRead {
    const bytes = bytesOf(page)
    this.#items += page.length
    this.#bytes += bytes
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#last = Promise.all([before, promise]).then(([isBeforeWhole, isWhole]) => isBeforeWhole && isWhole)
    let isOver = false
    return {
      before,
      end: (isWhole) => {
        if (isOver) return
        isOver = true
        this.#items -= page.length
        this.#bytes -= bytes
        resolve(isWhole)
        for (const wake of this.#wake.splice(0)) wake()
      },
    }
  }
}

const bytesOf = (page: readonly ItemMeta[]): number => page.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
