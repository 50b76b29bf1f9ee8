import type { MailboxPair, PassContext, PassRules } from './pass.ts'

/** What all pairs of connections of a pass learn together. */
export class Learnt {
  #rewrites: boolean | null = null
  readonly #known = Promise.withResolvers<void>()

  /** The target rewrites what it is given: identity is weak there. Null as long as it is not known. */
  get rewrites(): boolean | null {
    return this.#rewrites
  }

  set rewrites(rewrites: boolean | null) {
    this.#rewrites = rewrites
    if (rewrites !== null) this.#known.resolve()
  }

  /** Resolves when it is known whether the target rewrites. */
  get known(): Promise<void> {
    return this.#known.promise
  }
}

/** How much there is to copy, as far as it is known. */
export class Effort {
  #bytes = 0
  #news = Promise.withResolvers<void>()

  grow(bytes: number): void {
    this.#bytes += bytes
    this.#news.resolve()
    this.#news = Promise.withResolvers()
  }

  /** Resolves when more is known. */
  news(): Promise<void> {
    return this.#news.promise
  }

  /** Pairs of connections that so many messages, or the bytes that are known, are worth. */
  pairs({ itemsPerPairMin, bytesPerPairMin }: PassRules, items: number): number {
    return Math.max(1, Math.floor(items / itemsPerPairMin), Math.floor(this.#bytes / bytesPerPairMin))
  }
}

/** The first failure that ends the whole pass: everything else comes to rest then. */
export class Halt {
  #fault: { readonly error: unknown } | null = null

  get fault(): { readonly error: unknown } | null {
    return this.#fault
  }

  stop(error: unknown): void {
    this.#fault ??= { error }
  }
}

/** The pairs of connections of a pass, opened as they are needed. */
export class Pairs {
  readonly #open: PassContext['openPair']
  readonly #pairs: Promise<MailboxPair | null>[]

  constructor({ source, target, openPair }: Pick<PassContext, 'source' | 'target' | 'openPair'>) {
    this.#open = openPair
    this.#pairs = [Promise.resolve({ source, target })]
  }

  /** Null where there are not so many. */
  async get(at: number): Promise<MailboxPair | null> {
    const pair = this.#pairs[at] ?? this.#open()
    this.#pairs[at] = pair
    return await pair
  }
}
