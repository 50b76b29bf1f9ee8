import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'

/** A client of a few lines that sends what it is told, right or wrong. Text holds one character a byte. */
export class Client {
  readonly socket: Socket
  #received = ''
  #hasEnded = false
  #wake: () => void = () => {}
  #tagCount = 0

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Uint8Array) => {
      this.#received += Buffer.from(chunk).toString('latin1')
      this.#wake()
    })
    socket.on('close', () => {
      this.#hasEnded = true
      this.#wake()
    })
    socket.on('error', () => {})
  }

  send(text: string): void {
    this.socket.write(Buffer.from(text, 'latin1'))
  }

  /** Sends one command and gives the whole answer as its responses, the tagged one last and without its tag. */
  async command(text: string): Promise<readonly string[]> {
    const tag = `t${++this.#tagCount}`
    this.send(`${tag} ${text}\r\n`)
    return this.answer(tag)
  }

  /** The responses up to the one with that tag, or to the end of the connection. */
  async answer(tag: string): Promise<readonly string[]> {
    const responses: string[] = []
    for (;;) {
      const response = await this.response()
      if (response === null) return responses
      if (response.startsWith(`${tag} `)) return [...responses, response.slice(tag.length + 1)]
      responses.push(response)
    }
  }

  /** The next response with its literals, without its last line end; null at the end of the connection. */
  async response(): Promise<string | null> {
    for (;;) {
      const length = responseLength(this.#received)
      if (length !== null) return this.#take(length).slice(0, -2)
      if (this.#hasEnded) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** All that is still to come until the server hangs up. */
  async rest(): Promise<string> {
    while (!this.#hasEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#take(this.#received.length)
  }

  close(): void {
    this.socket.destroy()
  }

  #take(length: number): string {
    const text = this.#received.slice(0, length)
    this.#received = this.#received.slice(length)
    return text
  }
}

function responseLength(text: string): number | null {
  for (let from = 0; ; ) {
    const end = text.indexOf('\r\n', from)
    if (end < 0) return null
    const literal = /\{(\d+)\}$/.exec(text.slice(from, end))
    if (!literal) return end + 2
    from = end + 2 + Number(literal[1])
    if (from > text.length) return null
  }
}

/** Connects and reads the greeting. */
export async function connectTo(port: number): Promise<Client> {
  const client = new Client(connect(port, '127.0.0.1'))
  await client.response()
  return client
}
