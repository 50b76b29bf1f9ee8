import type { Fence, SyncStore } from '../../src/domain/sync-state.ts'
import { defaultRules, type PassContext, type PassReport } from '../../src/engine/pass.ts'
import { syncUser } from '../../src/engine/sync-user.ts'
import type { MemoryMailbox } from '../support/memory-mailbox.ts'
import { createMemoryStores } from '../support/memory-stores.ts'

const fence: Fence = { jobId: 1, token: 1 }
export const pair = { source: 'source.example:993/ann', target: 'target.example:993/ann' }

/** One pass between two mailboxes in memory. */
export async function runPass(
  source: MemoryMailbox,
  target: MemoryMailbox,
  store: SyncStore,
  changes: Partial<PassContext> = {},
): Promise<PassReport> {
  return await syncUser({
    pair,
    pass: 'incremental',
    fence,
    source: source.open(),
    target: target.open(),
    openPair: async () => null,
    targetEndpoint: 'target.example:993',
    store,
    rules: defaultRules,
    mayCommit: () => true,
    signal: new AbortController().signal,
    onProgress: () => {},
    sleep: async () => {},
    ...changes,
  })
}

let serial = 0

/** A small mail that is unlike any other, unless it is given the same words. */
export function mail(
  subject: string,
  body = 'Hello',
  id: string | null = `<${subject.replaceAll(' ', '.')}@example.org>`,
): string {
  const messageId = id === null ? '' : `Message-ID: ${id}\r\n`
  return `${messageId}Subject: ${subject}\r\nFrom: ann@example.org\r\n\r\n${body}\r\n`
}

export const unique = (): string => {
  serial += 1
  return mail(`Mail ${serial}`, `Body ${serial}`.repeat((serial % 7) + 1))
}

/** A store in memory whose every write is a step before and after it: `tick` is told and may throw. */
export class MemorySyncStore implements SyncStore {
  tick: (step: string) => void = () => {}
  readonly #stores = createMemoryStores()
  readonly #ready = this.#stores.holdJob()

  readonly folders = this.#stores.sync.folders
  readonly ledger = this.#stores.sync.ledger
  readonly vanished = this.#stores.sync.vanished
  readonly issues = this.#stores.sync.issues
  readonly traits = this.#stores.sync.traits
  readonly intend = this.#write('intend', this.#stores.sync.intend)
  readonly settle = this.#write('settle', this.#stores.sync.settle)
  readonly advance = this.#write('advance', this.#stores.sync.advance)
  readonly rest = this.#write('rest', this.#stores.sync.rest)
  readonly rekey = this.#write('rekey', this.#stores.sync.rekey)
  readonly forget = this.#write('forget', this.#stores.sync.forget)
  readonly suspect = this.#write('suspect', this.#stores.sync.suspect)
  readonly learn = this.#write('learn', this.#stores.sync.learn)

  #write<A extends unknown[], R>(name: string, write: (...given: A) => Promise<R>): (...given: A) => Promise<R> {
    return async (...given) => {
      await this.#ready
      this.tick(`store.${name}`)
      const result = await write(...given)
      this.tick(`store.${name} done`)
      return result
    }
  }
}
