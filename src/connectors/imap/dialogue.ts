import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { type Capabilities, capabilitiesIn } from './codec/capabilities.ts'
import { latin1, ProtocolError } from './codec/cursor.ts'
import { parseStatusLine, type StatusLine } from './codec/status-line.ts'

/** Far above all that an honest server says before somebody has signed in. */
const receivedBytesMax = 64 * 1024

/** How the greeting or a command ended, a BYE in its place included, and what was told of capabilities meanwhile. */
export type Answer = StatusLine & {
  readonly capabilities: Capabilities | null
  /** How many of the command's pieces the server asked for. */
  readonly piecesSent: number
}

/**
 * What is said before the sign-in: one command at a time, whole lines, no literals from the server, and not many bytes.
 * Every wait ends. It rejects with errors of the socket, ProtocolErrors, or an Error with the code ETIMEOUT,
 * GREETING_TIMEOUT or NoConnection; none of them holds anything that was sent or received.
 */
export class Dialogue {
  readonly #socket: Socket
  readonly #stepMs: number
  /** What nobody has read yet, as it came: one character a byte. */
  #lines: string[] = []
  #rest = ''
  #receivedBytes = 0
  #end: unknown = null
  #wake: () => void = () => {}
  #tags = 0
  readonly #receive = (chunk: Uint8Array): void => this.#take(latin1(chunk))
  readonly #fail = (cause: unknown): void => this.#endWith(cause)
  readonly #leave = (): void => this.#endWith(coded('NoConnection', 'The server closed the connection'))

  /** `stepMs`: for each command. */
  constructor(socket: Socket, stepMs: number) {
    this.#socket = socket
    this.#stepMs = stepMs
    socket.on('data', this.#receive)
    socket.on('error', this.#fail)
    socket.on('end', this.#leave)
    socket.on('close', this.#leave)
    socket.resume()
  }

  /** Neither side has ended it. */
  get isOpen(): boolean {
    return this.#end === null
  }

  /** The first line (RFC 3501, section 7.1). Where it does not come in time, the Error has the code GREETING_TIMEOUT. */
  greeting(withinMs: number): Promise<Answer> {
    return this.#inTime(withinMs, 'GREETING_TIMEOUT', async () => {
      const words = wordsOf(await this.#line(), '*')
      const status = words === null ? null : parseStatusLine(words)
      if (words === null || status === null) throw new ProtocolError('It does not greet like an IMAP server')
      return { ...status, capabilities: capabilitiesIn(words), piecesSent: 0 }
    })
  }

  /** Sends one command, and one of the pieces each time the server says that it should go on. One character a byte. */
  command(text: string, pieces: readonly string[] = []): Promise<Answer> {
    this.#tags += 1
    const tag = `s${this.#tags}`
    this.#send(`${tag} ${text}`)
    return this.#inTime(this.#stepMs, 'ETIMEOUT', () => this.#answerTo(tag, pieces))
  }

  /** Reads no more, and tells what came and was not read. Throws where the connection has ended. */
  leave(): Uint8Array {
    this.#socket.off('data', this.#receive)
    this.#socket.off('error', this.#fail)
    this.#socket.off('end', this.#leave)
    this.#socket.off('close', this.#leave)
    this.#socket.pause()
    if (this.#end) throw this.#end
    return Buffer.from([...this.#lines, this.#rest].join('\n'), 'latin1')
  }

  async #answerTo(tag: string, pieces: readonly string[]): Promise<Answer> {
    let capabilities: Capabilities | null = null
    for (let piecesSent = 0; ; ) {
      const line = await this.#line()
      if (line.startsWith('+')) {
        this.#send(nextOf(pieces, piecesSent))
        piecesSent += 1
        continue
      }
      const tagged = wordsOf(line, tag)
      const words = tagged ?? wordsOf(line, '*')
      if (words === null) throw new ProtocolError('An answer has a tag that was never sent')
      capabilities = capabilitiesIn(words) ?? capabilities
      const end = endOf(words, tagged !== null)
      if (end) return { ...end, capabilities, piecesSent }
    }
  }

  #send(text: string): void {
    this.#socket.write(`${text}\r\n`, 'latin1')
  }

  async #line(): Promise<string> {
    for (;;) {
      const line = this.#lines.shift()
      if (line !== undefined) return line.endsWith('\r') ? line.slice(0, -1) : line
      if (this.#end) throw this.#end
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #take(text: string): void {
    this.#receivedBytes += text.length
    if (this.#receivedBytes > receivedBytesMax) {
      this.#socket.destroy()
      this.#endWith(new ProtocolError('The server talks without an end'))
      return
    }
    const [first = '', ...more] = text.split('\n')
    this.#rest += first
    for (const next of more) {
      this.#lines.push(this.#rest)
      this.#rest = next
    }
    if (more.length > 0) this.#wake()
  }

  #endWith(cause: unknown): void {
    this.#end ??= cause
    this.#wake()
  }

  async #inTime<T>(withinMs: number, code: string, work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#endWith(coded(code, 'Nothing came in time')), withinMs)
    try {
      return await work()
    } finally {
      clearTimeout(timer)
    }
  }
}

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code })

function nextOf(pieces: readonly string[], at: number): string {
  const piece = pieces[at]
  if (piece === undefined) throw new ProtocolError('The server asks for more than a command has')
  return piece
}

/** What stands behind this tag or star, or null where the line begins otherwise. */
const wordsOf = (line: string, tag: string): string | null =>
  line.startsWith(`${tag} `) ? line.slice(tag.length + 1) : null

/** OK, NO or BAD with our tag, or a BYE; null for whatever else a server says meanwhile. */
function endOf(words: string, isTagged: boolean): StatusLine | null {
  const line = parseStatusLine(words)
  if (!isTagged) return line?.status === 'BYE' ? line : null
  if (line === null || line.status === 'BYE' || line.status === 'PREAUTH') {
    throw new ProtocolError('An answer is none of OK, NO and BAD')
  }
  return line
}
