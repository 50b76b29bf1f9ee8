import { Fault } from '../domain/fault.ts'
import type { Folder, Item, ItemHeader, Uid } from '../domain/mail.ts'
import type { MailReader } from './connector.ts'

/** What mail has to pass on its way: the caps of one endpoint in one direction, for one mailbox. */
export interface Passage {
  /** False: no cap holds it back, and nothing is counted. */
  readonly isCapped: boolean
  /** How much may be asked for in one go; infinite where no cap says it. */
  readonly bytesAtOnce: number
  readonly messagesAtOnce: number
  /** Waits until so much may pass. Throws the fault for which no mail passes now, or not soon. */
  take(load: Load, signal: AbortSignal): Promise<void>
  /** So much more passed than was taken, or less. */
  correct(load: Load): void
}

export interface Load {
  readonly bytes: number
  readonly messages: number
}

type Fetching = Pick<MailReader, 'fetch' | 'headers'>

/** What a message is taken for until some have come. */
const messageBytesGuess = 64 * 1024

/**
 * Asks for mail only as fast as it may pass: in small pages, the next of which is asked for when its time has come. So
 * nothing hangs half told while it is waited, neither an answer of the source nor a batch to the target. Without a cap
 * the session's own answers are handed out as they are.
 * The first passage is the session's own; the others are those of the endpoint to which the mail goes on.
 */
export function paced(session: MailReader, passages: readonly Passage[], signal: AbortSignal): Fetching {
  const [own] = passages
  const pace = new Pace(passages, signal)
  return {
    fetch: (folder, uids) =>
      passages.some(({ isCapped }) => isCapped) ? pace.fetch(session, folder, uids) : session.fetch(folder, uids),
    headers: (folder, uids) =>
      own?.isCapped ? countHeaders(session.headers(folder, uids), own, signal) : session.headers(folder, uids),
  }
}

async function* countHeaders(
  headers: AsyncIterable<ItemHeader>,
  passage: Passage,
  signal: AbortSignal,
): AsyncGenerator<ItemHeader> {
  await passage.take({ bytes: 0, messages: 0 }, signal)
  for await (const one of headers) {
    passage.correct({ bytes: one.header.length, messages: 0 })
    yield one
  }
}

/** The pages of one session, one behind the other as they were asked for. */
class Pace {
  readonly #passages: readonly Passage[]
  readonly #signal: AbortSignal
  #messageBytes = messageBytesGuess
  #last: Promise<void> = Promise.resolve()

  constructor(passages: readonly Passage[], signal: AbortSignal) {
    this.#passages = passages
    this.#signal = signal
  }

  fetch(session: MailReader, folder: Folder, uids: readonly Uid[]): AsyncIterableIterator<Item> {
    const left = new AbortController()
    const { promise: asked, resolve: leave } = Promise.withResolvers<void>()
    const before = this.#last
    this.#last = asked
    const ended = AbortSignal.any([this.#signal, left.signal])
    const items = this.#items(session, folder, uids, { before, leave, ended })
    return {
      next: () => items.next(),
      // Whoever wants no more of it waits for nothing, and nobody waits for it.
      async return(value) {
        left.abort(new Fault('cancelled', 'The page is not wanted any more'))
        leave()
        await items.return(value).catch(() => undefined)
        return { done: true, value }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  async *#items(session: MailReader, folder: Folder, uids: readonly Uid[], turn: Turn): AsyncGenerator<Item> {
    const { before, leave, ended } = turn
    try {
      await orAborted(before, ended)
      for (let at = 0; at < uids.length; ) {
        const page = uids.slice(at, at + this.#pageItems())
        at += page.length
        const taken = await this.#take(page.length, ended)
        if (at === uids.length) leave()
        yield* this.#counted(session.fetch(folder, page), taken)
      }
    } finally {
      leave()
    }
  }

  #pageItems(): number {
    const bytes = Math.min(...this.#passages.map(({ bytesAtOnce }) => bytesAtOnce))
    const messages = Math.min(...this.#passages.map(({ messagesAtOnce }) => messagesAtOnce))
    return Math.max(1, Math.floor(Math.min(messages, bytes / this.#messageBytes)))
  }

  async #take(messages: number, ended: AbortSignal): Promise<Load> {
    const load = { bytes: Math.round(messages * this.#messageBytes), messages }
    for (const passage of this.#passages) await passage.take(load, ended)
    return load
  }

  /** What came instead of what was taken is told when the page is over; of one that was left the rest may still come. */
  async *#counted(items: AsyncIterable<Item>, taken: Load): AsyncGenerator<Item> {
    let [bytes, messages] = [0, 0]
    let isOver = false
    try {
      for await (const item of items) {
        bytes += item.sizeBytes
        messages += 1
        this.#messageBytes += (Math.max(1, item.sizeBytes) - this.#messageBytes) / 20
        yield item
      }
      isOver = true
    } finally {
      const isWhole = isOver || messages === taken.messages
      const bytesMore = bytes - taken.bytes
      const messagesMore = isWhole ? messages - taken.messages : 0
      const difference = { bytes: isWhole ? bytesMore : Math.max(0, bytesMore), messages: messagesMore }
      for (const passage of this.#passages) passage.correct(difference)
    }
  }
}

interface Turn {
  /** The pages before are asked for. */
  readonly before: Promise<void>
  /** This one is. */
  readonly leave: () => void
  readonly ended: AbortSignal
}

function orAborted(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason)
    if (signal.aborted) return giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    void wait.then(() => {
      signal.removeEventListener('abort', giveUp)
      resolve()
    })
  })
}
