import type { Fence, SyncStore } from '../../src/domain/sync-state.ts'
import { defaultRules, type PassContext, type PassReport } from '../../src/engine/pass.ts'
import { syncUser } from '../../src/engine/sync-user.ts'
import type { MemoryMailbox } from '../support/memory-mailbox.ts'

export const fence: Fence = { jobId: 1, token: 1 }
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
