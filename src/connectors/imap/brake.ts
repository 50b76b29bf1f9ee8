import type { Socket } from 'node:net'

const pauseAtBytes = 1024 * 1024
const resumeAtBytes = 512 * 1024

/** Lets a connection rest while what came over it waits to be used. */
export class Brake {
  readonly #socket: Socket
  /** Whether nothing that somebody waits for is behind what is held. */
  readonly #mayRest: () => boolean
  #heldBytes = 0
  /** Readers that can do nothing until more comes. */
  #starving = 0
  #isOff = false

  constructor(socket: Socket, mayRest: () => boolean) {
    this.#socket = socket
    this.#mayRest = mayRest
  }

  get isOn(): boolean {
    return this.#socket.isPaused()
  }

  hold(bytes: number): void {
    this.#heldBytes += bytes
    if (this.#heldBytes <= pauseAtBytes || this.isOn || this.#isOff) return
    if (this.#starving === 0 && this.#mayRest()) this.#socket.pause()
  }

  /** Never rests from now on: what somebody waits for may be behind anything that is held. */
  turnOff(): void {
    this.#isOff = true
    this.#goOn()
  }

  /** What comes next is waited for: the connection must not rest, however much others hold. */
  starve(): () => void {
    this.#starving += 1
    this.#goOn()
    return () => {
      this.#starving -= 1
    }
  }

  release(bytes: number): void {
    this.#heldBytes -= bytes
    if (this.#heldBytes < resumeAtBytes) this.#goOn()
  }

  #goOn(): void {
    if (this.isOn && !this.#socket.destroyed) this.#socket.resume()
  }
}
