import { createServer, type Server, type Socket } from 'node:net'
import type { Access } from '../../../src/domain/endpoint.ts'
import { access } from './dovecot-world.ts'

/** One line as it came; a literal's bytes are skipped, its line goes on. */
export interface Said {
  readonly tag: string
  /** Without the tag. */
  readonly text: string
  readonly socket: Socket
  /** Writes to the client; one character a byte. */
  send(text: string): void
  /** The tagged answer. */
  end(text: string): void
}

/** True: the script has answered. */
type Script = (said: Said) => unknown

export interface ScriptedServer extends AsyncDisposable {
  readonly port: number
  readonly access: Access
  readonly lines: readonly string[]
  /** Connections that were made, ever. */
  readonly connections: number
  /** Until the first connection has ended, and all that came over it was read. */
  closed(): Promise<void>
}

const capabilities = 'IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND UNSELECT NAMESPACE AUTH=PLAIN'

/** What is said where the script has nothing to say: an empty mailbox of an honest server. */
const honest: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^CAPABILITY/, [`* CAPABILITY ${capabilities}`]],
  [/^NAMESPACE/, ['* NAMESPACE (("" "/")) NIL NIL']],
  [/^LIST/, ['* LIST () "/" INBOX']],
  [/^STATUS/, ['* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 7)']],
  [
    /^(?:SELECT|EXAMINE)/,
    [
      '* FLAGS (\\Seen)',
      '* OK [PERMANENTFLAGS (\\Seen \\*)] x',
      '* 3 EXISTS',
      '* OK [UIDVALIDITY 7] x',
      '* OK [UIDNEXT 4] x',
    ],
  ],
]

/**
 * A server that says what the script says, right or wrong, as soon as a line is there: it does not wait for literals to
 * be whole, so that it can answer in their middle.
 */
export async function startScript(script: Script, greeting = '* OK ready'): Promise<ScriptedServer> {
  const lines: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const closed = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => {
      sockets.delete(socket)
      closed.resolve()
    })
    socket.on('error', () => {})
    socket.write(`${greeting}\r\n`, 'latin1')
    converse(socket, lines, script)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = portOf(server)
  return {
    port,
    access: access({ port }),
    lines,
    closed: () => closed.promise,
    get connections() {
      return connections
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (typeof address === 'object' && address) return address.port
  throw new Error('The server has no port')
}

function converse(socket: Socket, lines: string[], script: Script): void {
  let input = ''
  let skip = 0
  let tag = '*'
  socket.on('data', (chunk: Uint8Array) => {
    input += Buffer.from(chunk).toString('latin1')
    for (;;) {
      const skipped = Math.min(skip, input.length)
      skip -= skipped
      input = input.slice(skipped)
      const end = input.indexOf('\r\n')
      if (skip > 0 || end < 0) return
      const line = input.slice(0, end)
      input = input.slice(end + 2)
      lines.push(line)
      const size = /\{(\d+)\+\}$/.exec(line)?.[1]
      skip = Number(size ?? 0)
      const [, newTag, rest] = /^([A-Za-z]*\d+) (.*)$/s.exec(line) ?? []
      if (newTag !== undefined) tag = newTag
      answer({ tag, text: rest ?? line, socket, ...speaker(socket, tag) }, script)
    }
  })
}

function speaker(socket: Socket, tag: string): Pick<Said, 'send' | 'end'> {
  const send = (text: string): void => {
    socket.write(text, 'latin1')
  }
  return { send, end: (text) => send(`${tag} ${text}\r\n`) }
}

function answer(said: Said, script: Script): void {
  if (script(said)) return
  if (said.text === 'AUTHENTICATE PLAIN') {
    said.send('+ \r\n')
    return
  }
  const [, words = []] = honest.find(([pattern]) => pattern.test(said.text)) ?? []
  said.send(words.map((word) => `${word}\r\n`).join(''))
  said.end('OK done')
  if (said.text === 'LOGOUT') said.socket.end()
}
