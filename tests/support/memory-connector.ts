import type { Connector } from '../../src/connectors/connector.ts'
import type { Access } from '../../src/domain/endpoint.ts'
import { Fault } from '../../src/domain/fault.ts'
import { MemoryMailbox, type MemorySession } from './memory-mailbox.ts'

/** A server of mailboxes in memory, known by its host. */
export interface MemoryServer {
  readonly mailboxes: Map<string, MemoryMailbox>
  /** By login; a login without one is let in with any. */
  readonly passwords: Map<string, string>
  /** Thrown at every sign-in while it is set. */
  fault: Fault | null
  /** Awaited before every sign-in is answered. */
  gate: Promise<void>
  /** Logins in the order they were tried. */
  readonly tries: string[]
  readonly sessions: { open: number; most: number }
  /** The server ends all sessions, as one that restarts does. */
  cut(): void
}

/** Servers made when they are first asked for; mailboxes too. */
export interface MemoryServers {
  readonly connector: Connector
  server(host: string): MemoryServer
  mailbox(host: string, login: string): MemoryMailbox
}

export function memoryServers(): MemoryServers {
  const servers = new Map<string, CountedServer>()
  const server = (host: string): CountedServer => {
    const known = servers.get(host)
    if (known) return known
    const live = new Set<MemorySession>()
    const made: CountedServer = {
      mailboxes: new Map(),
      passwords: new Map(),
      fault: null,
      gate: Promise.resolve(),
      tries: [],
      sessions: { open: 0, most: 0 },
      live,
      cut() {
        for (const session of live) session.destroy()
      },
    }
    servers.set(host, made)
    return made
  }
  const mailbox = (host: string, login: string): MemoryMailbox => {
    const { mailboxes } = server(host)
    const known = mailboxes.get(login) ?? new MemoryMailbox()
    mailboxes.set(login, known)
    return known
  }
  const open = async ({ server: { host }, login, password, authzid }: Access): Promise<MemorySession> => {
    const at = server(host)
    at.tries.push(login)
    await at.gate
    if (at.fault) throw at.fault
    if ((at.passwords.get(login) ?? password) !== password)
      throw new Fault('sign-in.refused', `Cannot sign in as "${login}": AUTHENTICATIONFAILED`)
    return counted(mailbox(host, authzid ?? login).open(), at)
  }
  return {
    server,
    mailbox,
    connector: {
      reach: async () => undefined,
      probe: async () => ({ isOk: true, steps: [], capabilities: [] }),
      openSource: open,
      openTarget: open,
    },
  }
}

interface CountedServer extends MemoryServer {
  readonly live: Set<MemorySession>
}

function counted(session: MemorySession, { sessions, live }: CountedServer): MemorySession {
  live.add(session)
  sessions.open += 1
  sessions.most = Math.max(sessions.most, sessions.open)
  const dispose = session[Symbol.asyncDispose].bind(session)
  session[Symbol.asyncDispose] = async () => {
    live.delete(session)
    sessions.open -= 1
    await dispose()
  }
  return session
}
