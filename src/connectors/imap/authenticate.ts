import { Buffer } from 'node:buffer'
import type { Access } from '../../domain/endpoint.ts'
import { Fault } from '../../domain/fault.ts'
import { type Capabilities, literalBytesUnasked } from './codec/capabilities.ts'
import { type CommandPart, stringArgument } from './codec/commands.ts'
import { latin1 } from './codec/cursor.ts'
import type { Peer } from './faults.ts'

/** A NUL would move the borders between the fields of PLAIN (RFC 4616, section 2). Throws a Fault. */
export function refuseUnsendable({ login, password, authzid }: Access, peer: Peer): void {
  const isUnsendable = [login, password, authzid ?? ''].some((text) => /[\0\r\n]/.test(text))
  if (isUnsendable) throw unusable(peer, 'holds a control character')
}

/** Some directories let anybody in who gives no password (RFC 4513, section 5.1.2). Throws a Fault. */
export function refuseEmpty({ login, password }: Access, peer: Peer): void {
  if (login === '' || password === '') throw unusable(peer, 'is empty')
}

const unusable = ({ name, side }: Peer, why: string): Fault =>
  new Fault('sign-in.refused', `Cannot sign in to ${name}: the user name or password ${why}`, { side })

/** `library` is for what the sign-in library can do and our own wire cannot: the LOGIN of SASL. */
export type Method = 'plain' | 'login' | 'library'

/** How to sign in to a server that can do this. Throws a Fault where there is no way. */
export function methodFor({ login, authzid }: Access, offered: Capabilities, peer: Peer): Method {
  const [hasPlain, hasLogin] = [offered.has('AUTH=PLAIN'), !offered.has('LOGINDISABLED')]
  if (authzid !== null) {
    // No other method knows an authorization identity: it would open the mailbox of whoever signs in.
    if (hasPlain) return 'plain'
    throw unsupported(peer, ' for others: PLAIN is not offered')
  }
  // Exchange takes `domain\user/alias` by LOGIN only.
  if (hasLogin && /[\\/]/.test(login)) return 'login'
  if (hasPlain) return 'plain'
  if (hasLogin) return 'login'
  if (offered.has('AUTH=LOGIN')) return 'library'
  throw unsupported(peer, ': it takes no password over this connection')
}

const unsupported = ({ name, side }: Peer, why: string): Fault =>
  new Fault('sign-in.unsupported', `Cannot sign in to ${name}${why}`, { side })

/** One command in its pieces, each for a line, one character a byte. The first goes at once, the others each behind a `+`. */
export interface SignInCommand {
  readonly text: string
  readonly pieces: readonly string[]
  /** How many of the pieces a server must have asked for to know who signs in. */
  readonly piecesOwed: number
}

/** SASL's PLAIN (RFC 4616), with its one message in the command where that is understood (RFC 4959). */
export function plainCommand({ login, password, authzid }: Access, offered: Capabilities): SignInCommand {
  const message = Buffer.from(`${authzid ?? ''}\0${login}\0${password}`).toString('base64')
  // The piece stays for servers that offer SASL-IR and ask all the same.
  if (offered.has('SASL-IR')) return { text: `AUTHENTICATE PLAIN ${message}`, pieces: [message], piecesOwed: 0 }
  return { text: 'AUTHENTICATE PLAIN', pieces: [message], piecesOwed: 1 }
}

/** LOGIN (RFC 3501, section 6.2.3); what is not ASCII goes as a literal, in UTF-8 as with PLAIN. */
export function loginCommand({ login, password }: Access, offered: Capabilities): SignInCommand {
  const bytesUnasked = literalBytesUnasked(offered)
  const lines = ['LOGIN']
  const add = (text: string): void => {
    lines.push(`${lines.pop() ?? ''}${text}`)
  }
  for (const argument of [login, password]) {
    const part: CommandPart = stringArgument(latin1(Buffer.from(argument)))
    if (typeof part === 'string') add(` ${part}`)
    else if (part.length <= bytesUnasked) add(` {${part.length}+}\r\n${latin1(part)}`)
    else {
      add(` {${part.length}}`)
      lines.push(latin1(part))
    }
  }
  const [text = '', ...pieces] = lines
  return { text, pieces, piecesOwed: pieces.length }
}
