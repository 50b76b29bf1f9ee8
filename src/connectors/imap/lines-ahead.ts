import type { ServerAddress } from '../../domain/endpoint.ts'
import type { OpenLine } from './open-line.ts'

/** Connections that were opened ahead, each for the next sign-in to its server. */
export interface LinesAhead {
  /** Until somebody takes it, the signal aborts, or it is so old that a server may be about to end it. */
  keep(server: ServerAddress, line: OpenLine, signal: AbortSignal): void
  /** The caller's from now on; null where none is left. */
  take(server: ServerAddress): OpenLine | null
}

interface Kept {
  readonly key: string
  readonly line: OpenLine
  readonly release: () => void
}

export function createLinesAhead(keptMsMax = 10_000): LinesAhead {
  const lines = new Set<Kept>()
  const remove = (kept: Kept): void => {
    lines.delete(kept)
    kept.release()
  }
  return {
    keep(server, line, signal) {
      const drop = (): void => {
        remove(kept)
        line.socket.destroy()
      }
      const timer = setTimeout(drop, keptMsMax)
      signal.addEventListener('abort', drop, { once: true })
      const release = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', drop)
      }
      const kept: Kept = { key: keyOf(server), line, release }
      lines.add(kept)
      if (signal.aborted) drop()
    },
    take(server) {
      for (const kept of lines) {
        if (kept.key !== keyOf(server)) continue
        remove(kept)
        if (kept.line.dialogue.isOpen) return kept.line
      }
      return null
    },
  }
}

/** All that decides whom one talks to, and how far one trusts that. */
const keyOf = ({ host, port, security, acceptsUntrustedCertificates, ca }: ServerAddress): string =>
  JSON.stringify([host, port, security, acceptsUntrustedCertificates, ca])
