/** A server that dislikes the length of a literal it was not asked about can only read all of it or hang up. */
const suspectBytesMin = 8 * 1024 * 1024

/** Above it a round trip costs little beside the bytes; no server that offers literals unasked hangs up at less. */
const unaskedBytesMax = 1024 * 1024

/** Servers that hung up in a large literal which they had not been asked about (RFC 7888, section 4). */
export interface LiteralDrops {
  /** The connection to `server` was lost with so many bytes under way in one command. */
  note(server: string, sizeBytes: number): void
  /** How long a literal may be that is sent unasked: `offered`, or less where the server hung up before. */
  bytesUnasked(server: string, offered: number): number
}

export function createLiteralDrops(): LiteralDrops {
  const servers = new Set<string>()
  return {
    note(server, sizeBytes) {
      if (sizeBytes > suspectBytesMin) servers.add(server)
    },
    bytesUnasked: (server, offered) => (servers.has(server) ? Math.min(offered, unaskedBytesMax) : offered),
  }
}
