import type { ItemList } from '../domain/item-list.ts'
import type { ItemMeta } from '../domain/mail.ts'
import { inParts } from '../domain/plan.ts'
import { instantOf } from '../domain/received-at.ts'
import type { RecordHead } from '../domain/record-state.ts'
import { type Comparison, readIdentities } from './read-identities.ts'

const itemsAtOnce = 2000

/** Looks for strays at the target that are, to the date, a copy which we made already. */
export class DoubledItems {
  readonly #context: Comparison
  readonly #strays: ItemList
  readonly #straySizes: ReadonlySet<number>
  /** Lengths of all copies: a stray of another length is no copy. */
  readonly #sizes = new Set<number>()
  readonly #ours = new Set<string>()

  constructor(context: Comparison, strays: ItemList) {
    this.#context = context
    this.#strays = strays
    this.#straySizes = strays.sizes()
  }

  /** Shows it a copy, with the identity that was read; strict ones tell the length too. */
  seeCopy({ outcome }: RecordHead, theirs: ItemMeta, identity: string | undefined): void {
    this.#sizes.add(theirs.sizeBytes)
    const mayMatch = this.#straySizes.size > 0 && (this.#context.isWeak || this.#straySizes.has(theirs.sizeBytes))
    if (outcome === 'copied' && identity !== undefined && mayMatch) this.#ours.add(keyOf(theirs, identity))
  }

  /** Call it when all copies were seen. */
  async count(): Promise<number> {
    let count = 0
    const strays = this.#strays.pick((place) => this.#sizes.has(this.#strays.sizeAt(place)))
    for (const part of inParts(strays, itemsAtOnce)) {
      const identities = await readIdentities(this.#context, 'target', part)
      count += part.filter((item) => this.#ours.has(keyOf(item, identities.get(item.uid)))).length
    }
    return count
  }
}

const keyOf = ({ receivedAt }: ItemMeta, identity: string | undefined): string =>
  `${identity}\u0000${instantOf(receivedAt)}`
