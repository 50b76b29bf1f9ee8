import { createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { TlsKeys } from '../../../src/demo/settings.ts'
import type { Access } from '../../../src/domain/endpoint.ts'
import { access } from './dovecot-world.ts'

interface TalkOptions {
  readonly greeting: string
  /** What is sent for one line, tagged answer included; null says nothing. */
  readonly answer: (line: Line) => string | null
  /** With it an OK to STARTTLS is followed by a handshake. */
  readonly tls?: TlsKeys
}

export interface Line {
  /** Of this line, or where it has none, of the line before. */
  readonly tag: string
  readonly text: string
  readonly isSecure: boolean
}

export interface TalkServer extends AsyncDisposable {
  readonly access: Access
  /** The lines that came between two silences: each flight has cost the client a round trip. */
  readonly flights: readonly (readonly string[])[]
  /** All that came outside of TLS, one character a byte. */
  clear(): string
  /** How often somebody connected. */
  connections(): number
}

/** Nobody who waits for an answer sends more after so many milliseconds. */
const quietMs = 20

/** A server that answers only when nothing more comes, so that each answer is a round trip, and says whatever it likes. */
export async function startTalk({ greeting, answer, tls }: TalkOptions): Promise<TalkServer> {
  const flights: (readonly string[])[] = []
  const sockets = new Set<Socket>()
  let clear = ''
  const listen = (socket: Socket, isSecure: boolean): void => {
    let text = ''
    let tag = '*'
    let timer: ReturnType<typeof setTimeout> | undefined
    const receive = (chunk: Uint8Array): void => {
      text += Buffer.from(chunk).toString('latin1')
      if (!isSecure) clear += Buffer.from(chunk).toString('latin1')
      clearTimeout(timer)
      timer = setTimeout(reply, quietMs)
    }
    const reply = (): void => {
      const lines = text.split('\r\n')
      text = lines.pop() ?? ''
      if (lines.length === 0 || socket.destroyed) return
      flights.push(lines)
      const answers = lines.map((line) => {
        const [, newTag = tag, text = line] = /^([a-z]\d+) (.*)$/s.exec(line) ?? []
        tag = newTag
        return answer({ tag, text, isSecure }) ?? ''
      })
      socket.write(answers.join(''), 'latin1')
      if (lines.some((line) => line.endsWith(' LOGOUT'))) socket.end()
      if (tls && !isSecure && lines[0]?.endsWith(' STARTTLS') && / OK\b/.test(answers[0] ?? '')) {
        socket.off('data', receive)
        const secure = new TLSSocket(socket, { isServer: true, ...tls })
        secure.on('error', () => {})
        listen(secure, true)
      }
    }
    socket.on('data', receive)
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.write(greeting === '' ? '' : `${greeting}\r\n`, 'latin1')
    listen(socket, false)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    access: access({ port: typeof address === 'object' && address ? address.port : 0 }, { password: 'a secret' }),
    flights,
    clear: () => clear,
    connections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const untagged: readonly (readonly [RegExp, string])[] = [
  [/^NAMESPACE/, '* NAMESPACE (("" "/")) NIL NIL\r\n'],
  [/^LIST/, '* LIST () "/" INBOX\r\n* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 7)\r\n'],
]

/** An honest server; what it tells of capabilities is up to the test. `TAG` in `signedIn` stands for the tag. */
export const honestly =
  ({ asked, signedIn = 'TAG OK done\r\n' }: { readonly asked: string; readonly signedIn?: string }) =>
  ({ tag, text }: Line): string => {
    if (text === 'AUTHENTICATE PLAIN') return '+ \r\n'
    if (text === 'CAPABILITY') return `* CAPABILITY ${asked}\r\n${tag} OK done\r\n`
    const isSignIn = /^(?:AUTHENTICATE|LOGIN) |^[A-Za-z0-9+/]+=*$/.test(text) && text !== 'NAMESPACE'
    const [, answer = ''] = untagged.find(([pattern]) => pattern.test(text)) ?? []
    return isSignIn ? signedIn.replaceAll('TAG', tag) : `${answer}${tag} OK done\r\n`
  }
