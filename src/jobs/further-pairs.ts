import type { MailReader, MailSource, MailTarget } from '../connectors/connector.ts'
import { isFault } from '../domain/fault.ts'
import type { JobControl } from '../domain/job.ts'
import type { MailboxPair } from '../engine/pass.ts'
import { amended } from './amended.ts'
import type { HeldSession } from './open-session.ts'

/** Both ends of a mailbox, each in the hands of the job. */
export interface HeldPair {
  readonly source: HeldSession<MailSource>
  readonly target: HeldSession<MailTarget>
}

/** Pairs of connections beside a mailbox's first. */
export interface FurtherPairs {
  /** One more, closed by whoever asked for it; null where no more are to be had, which is nobody's fault. */
  open(): Promise<MailboxPair | null>
  /** Closes those that nobody closed, and cuts short what is still being opened. */
  close(): Promise<void>
}

/**
 * Two keep either server busy while the other works. Where each message waits for its own answer, more of them wait
 * side by side.
 */
const pairsMax = ({ capabilities }: MailTarget): number => (capabilities.waitsForEachItem ? 4 : 2)

export function furtherPairs(
  first: MailboxPair,
  { signal, spare }: Pick<JobControl, 'signal' | 'spare'>,
  openBoth: (signal: AbortSignal) => Promise<HeldPair>,
): FurtherPairs {
  const ends = new Set<() => Promise<void>>()
  const over = new AbortController()
  let count = 1

  const tryOpen = async (): Promise<HeldPair | null> => {
    try {
      return await openBoth(AbortSignal.any([signal, over.signal]))
    } catch (error) {
      if (signal.aborted || !isFault(error)) throw error
      return null
    }
  }

  const handOut = ({ source, target }: HeldPair, onEnd: () => void): MailboxPair => {
    let open = 2
    const endOf = (held: HeldSession<MailReader>): (() => Promise<void>) => {
      const end = async () => {
        if (!ends.delete(end)) return
        await held.end(false)
        open -= 1
        if (open === 0) onEnd()
      }
      ends.add(end)
      return end
    }
    return { source: endedBy(source.session, endOf(source)), target: endedBy(target.session, endOf(target)) }
  }

  return {
    async open() {
      if (count >= pairsMax(first.target)) return null
      count += 1
      const giveBack = await spare()
      const pair = giveBack && (await tryOpen())
      const onEnd = () => {
        count -= 1
        giveBack?.()
      }
      if (pair && !over.signal.aborted) return handOut(pair, onEnd)
      if (pair) await Promise.all([pair.source.end(false), pair.target.end(false)])
      onEnd()
      return null
    },
    async close() {
      const closed = [...ends].map((end) => end())
      over.abort()
      await Promise.all(closed)
    },
  }
}

function endedBy<Session extends MailReader>(session: Session, end: () => Promise<void>): Session {
  const destroy = () => {
    session.destroy()
    void end()
  }
  return amended(session, { destroy, [Symbol.asyncDispose]: end })
}
