import type { Socket } from 'node:net'
import type { Account } from './account.ts'
import type { Folder, Message } from './folder.ts'
import type { Hooks } from './hooks.ts'
import { Input } from './input.ts'
import { Output } from './output.ts'
import { Selected } from './selected.ts'
import { formatSet } from './sequence-set.ts'
import type { Extension, Settings } from './settings.ts'
import type { Store } from './store.ts'

/** RFC 3501, section 3. */
export type State = 'notAuthenticated' | 'authenticated' | 'selected' | 'loggedOut'

export interface Context {
  readonly store: Store
  readonly settings: Settings
  readonly hooks: Hooks
}

/** One connection: where it stands, and how to talk to it. */
export class Session {
  readonly id: number
  readonly context: Context
  readonly input: Input
  readonly output: Output
  /** CONDSTORE and QRESYNC, once the client asked for them. */
  readonly enabled = new Set<Extension>()
  socket: Socket
  isSecure: boolean
  account: Account | null = null
  selected: Selected | null = null
  #hasLeft = false
  #receivedBytesLeft = Number.POSITIVE_INFINITY

  constructor(id: number, context: Context, socket: Socket, isSecure: boolean) {
    this.id = id
    this.context = context
    this.socket = socket
    this.isSecure = isSecure
    this.input = new Input(context.settings.lineBytesMax)
    this.output = new Output(socket)
  }

  get state(): State {
    if (this.#hasLeft) return 'loggedOut'
    if (this.selected) return 'selected'
    return this.account ? 'authenticated' : 'notAuthenticated'
  }

  has(extension: Extension): boolean {
    return this.context.settings.extensions.has(extension)
  }

  /** Text of a response, or a part of one, as it goes out; one character a byte. */
  text(text: string): void {
    const { onResponse } = this.context.hooks
    this.output.text(onResponse ? onResponse(text, this) : text)
  }

  untagged(text: string): void {
    this.text(`* ${text}\r\n`)
  }

  /** The last words of a connection. */
  bye(text: string): void {
    this.untagged(`BYE ${text}`)
    this.leave()
  }

  leave(): void {
    this.#hasLeft = true
    this.unselect()
    this.output.flush()
    this.socket.end()
  }

  /** Cuts the connection now, without a word. */
  drop(): void {
    this.#hasLeft = true
    this.unselect()
    this.socket.destroy()
    this.input.end()
  }

  /** Cuts the connection once that many more bytes were sent. */
  cutAfterSent(bytes: number): void {
    this.output.cutAfter(bytes)
  }

  /** Cuts the connection once that many more bytes arrived; no byte behind them is read. */
  cutAfterReceived(bytes: number): void {
    this.#receivedBytesLeft = bytes
  }

  receive(chunk: Uint8Array): void {
    this.input.push(chunk.subarray(0, this.#receivedBytesLeft))
    this.#receivedBytesLeft -= chunk.length
    if (this.#receivedBytesLeft <= 0) this.drop()
  }

  select(folder: Folder, isReadOnly: boolean): Selected {
    this.selected = new Selected(folder, isReadOnly)
    return this.selected
  }

  unselect(): void {
    this.selected?.close()
    this.selected = null
  }

  /** Says what happened in the selected folder since it was last said (RFC 3501, section 5.2). */
  tellNews(mayExpunge: boolean): void {
    if (this.selected?.isLost) this.bye('Selected mailbox is no more what it was')
    const { selected } = this
    if (!selected) return
    const { expunged, changed, hasGrown } = selected.news(mayExpunge)
    this.tellExpunged(expunged)
    if (hasGrown) {
      this.untagged(`${selected.messages.length} EXISTS`)
      this.untagged(`${selected.recentCount} RECENT`)
    }
    for (const { seq, message } of changed) this.tellFlags(seq, message)
  }

  tellExpunged(expunged: readonly { readonly seq: number; readonly uid: number }[]): void {
    if (expunged.length === 0) return
    if (this.enabled.has('QRESYNC')) this.untagged(`VANISHED ${formatSet(expunged.map(({ uid }) => uid))}`)
    else for (const { seq } of expunged) this.untagged(`${seq} EXPUNGE`)
  }

  /** RFC 7162: MODSEQ once CONDSTORE is enabled (section 3.2), UID as well with QRESYNC (section 3.2.3). */
  tellFlags(seq: number, message: Message, isUid = this.enabled.has('QRESYNC')): void {
    const uid = isUid ? `UID ${message.uid} ` : ''
    const modseq = this.enabled.has('CONDSTORE') ? ` MODSEQ (${message.modseq})` : ''
    this.untagged(`${seq} FETCH (${uid}FLAGS ${this.selected?.flagsOf(message) ?? '()'}${modseq})`)
  }
}
