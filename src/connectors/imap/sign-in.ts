import type { Socket } from 'node:net'
import type { Access } from '../../domain/endpoint.ts'
import { loginCommand, methodFor, plainCommand, refuseEmpty, refuseUnsendable } from './authenticate.ts'
import type { Capabilities } from './codec/capabilities.ts'
import type { Dialogue } from './dialogue.ts'
import type { Peer } from './faults.ts'
import { askCapabilities, type Entry, guarded, openLine } from './open-line.ts'
import type { ImapOptions } from './options.ts'
import { refusedFault, takenFault } from './sign-in-faults.ts'

/** A connection that has been secured and signed in to. */
export interface SignedIn {
  readonly socket: Socket
  /** What came behind the last answer and nobody has read. */
  readonly unread: Uint8Array
  /** As told after the sign-in. */
  readonly capabilities: Capabilities
}

/**
 * Dials, secures and signs in, in as few round trips as the server allows: the greeting, the sign-in, and one more for
 * each time that capabilities have to be asked for. STARTTLS never falls back to clear text. Throws a Fault.
 */
export async function signIn(access: Access, peer: Peer, options: ImapOptions, signal: AbortSignal): Promise<SignedIn> {
  refuseUnsendable(access, peer)
  refuseEmpty(access, peer)
  const signedIn = await signInByWire({ access, peer, options }, signal)
  if (signedIn) return signedIn
  // Loading the library takes longer than most passes.
  const { signInByLibrary } = await import('./sign-in-library.ts')
  return signInByLibrary(access, peer, options, signal)
}

/** Null where only the library can sign in. */
async function signInByWire(entry: Entry, signal: AbortSignal): Promise<SignedIn | null> {
  const { server } = entry.access
  const line = entry.options.ahead?.take(server) ?? (await openLine(entry, signal))
  return guarded(line, entry, signal, async () => {
    const { dialogue, capabilities } = line
    const signedIn = await enter(dialogue, capabilities ?? (await askCapabilities(dialogue, entry)), entry)
    if (signedIn === null) line.socket.destroy()
    return signedIn && { socket: line.socket, unread: dialogue.leave(), capabilities: signedIn }
  })
}

/** The capabilities of after the sign-in; null where only the library can sign in. */
async function enter(dialogue: Dialogue, offered: Capabilities, entry: Entry): Promise<Capabilities | null> {
  const { access, peer } = entry
  const method = methodFor(access, offered, peer)
  if (method === 'library') return null
  const { text, pieces, piecesOwed } = commandFor[method](access, offered)
  const answer = await dialogue.command(text, pieces)
  if (answer.status !== 'OK') throw refusedFault(peer, access, answer)
  // Let in before it was told who we are.
  if (answer.piecesSent < piecesOwed) throw takenFault(peer)
  return answer.capabilities ?? askCapabilities(dialogue, entry)
}

const commandFor = { plain: plainCommand, login: loginCommand } as const
