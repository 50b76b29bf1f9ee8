import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { quote } from './imap-names.ts'
import type { ImapAccess } from './mail-server.ts'

/** One response: its text, `{n}` standing where each literal was, and the literals in order. */
export interface Line {
  readonly text: string
  readonly literals: readonly Buffer[]
}

export interface Reply {
  readonly status: 'OK' | 'NO' | 'BAD'
  readonly text: string
  readonly lines: readonly Line[]
}

/** Text goes out as it is, bytes as a literal. */
type Part = string | Uint8Array

interface Pending {
  readonly tag: string
  readonly lines: Line[]
  readonly onLine: (line: Line) => void
  readonly settle: (reply: Reply) => void
  readonly fail: (cause: Error) => void
}

const idleMsMax = 60_000

/**
 * A deliberately plain IMAP connection for the tests' own eyes: it shares no line with the product.
 * Commands may be issued without waiting; replies are matched by tag, untagged lines go to the oldest command.
 * Literals are non-synchronizing (RFC 7888), whatever the server says of itself.
 */
export class ImapWire implements AsyncDisposable {
  readonly #socket: Socket
  readonly #pending: Pending[] = []
  #chunks: Buffer[] = []
  #bytes = 0
  #bytesWanted = 1
  #text = ''
  #literals: Buffer[] = []
  #literalBytes: number | null = null
  #tags = 0
  #failure: Error | null = null

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setTimeout(idleMsMax, () => socket.destroy(new Error(`No answer within ${idleMsMax} ms`)))
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (cause) => this.#fail(cause))
    socket.on('close', () => this.#fail(new Error('The server closed the connection')))
  }

  /** Connects and waits for the greeting, without signing in. */
  static async greet(server: Pick<ImapAccess, 'host' | 'port' | 'ca'>): Promise<ImapWire> {
    const { host, port, ca } = server
    const wire = new ImapWire(ca === undefined ? connectPlain({ host, port }) : connectTls({ host, port, ca: [ca] }))
    await new Promise<void>((settle, fail) => {
      wire.#pending.push({ tag: '*', lines: [], onLine: () => settle(wire.#forget('*')), settle: () => settle(), fail })
    })
    return wire
  }

  static async connect(access: ImapAccess): Promise<ImapWire> {
    const wire = await ImapWire.greet(access)
    const login = await wire.command([`LOGIN ${quote(access.user)} ${quote(access.password)}`])
    if (login.status === 'OK') return wire
    wire.#socket.destroy()
    throw new Error(`Cannot sign in as "${access.user}": ${login.text}`)
  }

  /** Sends one command; with `onLine` its untagged lines are handed over as they come instead of being kept. */
  command(parts: readonly Part[], onLine?: (line: Line) => void): Promise<Reply> {
    if (this.#failure !== null) return Promise.reject(this.#failure)
    this.#tags += 1
    const tag = `t${this.#tags}`
    return new Promise((settle, fail) => {
      const lines: Line[] = []
      this.#pending.push({ tag, lines, onLine: onLine ?? ((line) => lines.push(line)), settle, fail })
      this.#socket.write(Buffer.concat([tag, ' ', ...parts, '\r\n'].flatMap(toBytes)))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#failure === null) await this.command(['LOGOUT']).catch(() => null)
    this.#socket.destroy()
  }

  #forget(tag: string): void {
    const at = this.#pending.findIndex((pending) => pending.tag === tag)
    if (at >= 0) this.#pending.splice(at, 1)
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes < this.#bytesWanted) return
    const rest = this.#parse(Buffer.concat(this.#chunks))
    this.#chunks = [rest]
    this.#bytes = rest.length
  }

  /** Consumes whole lines and literals; returns what is left over. */
  #parse(input: Buffer): Buffer {
    let at = 0
    for (;;) {
      if (this.#literalBytes !== null) {
        const end = at + this.#literalBytes
        if (end > input.length) break
        this.#literals.push(Buffer.from(input.subarray(at, end)))
        this.#literalBytes = null
        at = end
      }
      const end = input.indexOf('\r\n', at)
      if (end < 0) break
      this.#endLine(input.toString('latin1', at, end))
      at = end + 2
    }
    this.#bytesWanted = this.#literalBytes ?? input.length - at + 1
    return input.subarray(at)
  }

  #endLine(text: string): void {
    this.#text += text
    const size = /\{(\d+)\}$/.exec(text)?.[1]
    if (size !== undefined) {
      this.#literalBytes = Number(size)
      return
    }
    const line = { text: this.#text, literals: this.#literals }
    this.#text = ''
    this.#literals = []
    this.#dispatch(line)
  }

  #dispatch(line: Line): void {
    const [, tag = '', status = '', text = ''] = /^(t\d+) (OK|NO|BAD) ?(.*)$/s.exec(line.text) ?? []
    const done = this.#pending.find((pending) => pending.tag === tag)
    if (done === undefined) {
      this.#pending[0]?.onLine(line)
    } else {
      this.#forget(tag)
      done.settle({ status: status as Reply['status'], text, lines: done.lines })
    }
  }

  #fail(cause: Error): void {
    this.#failure ??= cause
    for (const pending of this.#pending.splice(0)) pending.fail(this.#failure)
  }
}

function toBytes(part: Part): Buffer[] {
  if (typeof part === 'string') return [Buffer.from(part, 'latin1')]
  return [Buffer.from(`{${part.length}+}\r\n`), Buffer.from(part.buffer, part.byteOffset, part.length)]
}
