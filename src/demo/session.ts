import type { Account } from './account.ts'
import { systemFlagList } from './flags.ts'
import type { Folder, Message } from './folder.ts'
import type { Hooks } from './hooks.ts'
import { Input } from './input.ts'
import { Output } from './output.ts'
import { Selected } from './selected.ts'
import { formatSet } from './sequence-set.ts'
import type { Extension, Settings, TlsKeys } from './settings.ts'
import type { Store } from './store.ts'
import type { Transport } from './transport.ts'

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
  transport: Transport
  account: Account | null = null
  selected: Selected | null = null
  #hasLeft = false
  #receivedBytesLeft = Number.POSITIVE_INFINITY

  constructor(id: number, context: Context, transport: Transport) {
    this.id = id
    this.context = context
    this.transport = transport
    this.input = new Input(context.settings.lineBytesMax)
    this.output = new Output(transport.stream)
    // Answers to pipelined commands are gathered; nobody waits for one while we wait for him.
    this.input.beforeWait = () => this.output.flush()
    this.#listen()
  }

  get isSecure(): boolean {
    return this.transport.isSecure
  }

  /** True once nothing more can be sent. */
  get isGone(): boolean {
    return this.transport.stream.destroyed
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
    this.transport.stream.end()
  }

  /** Cuts the connection now, without a word. */
  drop(): void {
    this.#hasLeft = true
    this.unselect()
    this.transport.stream.destroy()
    this.input.end()
  }

  /** Cuts the connection once that many more bytes were sent. */
  cutAfterSent(bytes: number): void {
    this.output.cutAfter(bytes)
  }

  /** Cuts the connection once that many more bytes arrived. They are obeyed still, and nothing behind them is. */
  cutAfterReceived(bytes: number): void {
    this.#receivedBytesLeft = bytes
  }

  /** Goes on over TLS. What came in clear text behind the command is thrown away (RFC 3501, section 6.2.1). */
  startTls(keys: TlsKeys): void {
    const secure = this.transport.startTls?.(keys)
    if (!secure) return
    this.output.flush()
    this.input.clear()
    this.transport.stream.removeAllListeners('data')
    this.transport = secure
    this.output.moveTo(secure.stream)
    this.#listen()
  }

  #listen(): void {
    const { stream } = this.transport
    stream.on('data', (chunk: Uint8Array) => this.#receive(chunk))
    stream.on('end', () => this.input.end())
    stream.on('close', () => this.input.end())
    // A reset is followed by close, which ends the session.
    stream.on('error', () => {})
    this.input.hold = (isHeld) => void (isHeld ? stream.pause() : stream.resume())
  }

  #receive(chunk: Uint8Array): void {
    this.input.push(chunk.subarray(0, this.#receivedBytesLeft))
    this.#receivedBytesLeft -= chunk.length
    if (this.#receivedBytesLeft > 0) return
    this.input.end()
    this.transport.stream.destroy()
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
    const { expunged, changed, hasGrown, hasNewKeywords } = selected.news(mayExpunge)
    if (hasNewKeywords) this.tellFlagNames(selected)
    this.tellExpunged(expunged)
    if (hasGrown) {
      this.untagged(`${selected.messages.length} EXISTS`)
      this.untagged(`${selected.recentCount} RECENT`)
    }
    for (const { seq, message } of changed) this.tellFlags(seq, message)
  }

  /** FLAGS and PERMANENTFLAGS (RFC 3501, sections 7.2.6 and 7.1). */
  tellFlagNames({ folder, isReadOnly }: Selected): void {
    const { keywords } = this.context.settings
    const isAny = keywords === 'any'
    const flags = [...new Set([...systemFlagList, ...folder.keywords, ...(isAny ? [] : keywords)])]
    this.untagged(`FLAGS (${flags.join(' ')})`)
    const kept = isAny ? [...flags, '\\*'] : [...systemFlagList, ...keywords]
    this.untagged(`OK [PERMANENTFLAGS (${isReadOnly ? '' : kept.join(' ')})] Flags that are kept`)
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
