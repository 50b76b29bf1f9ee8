import { Buffer } from 'node:buffer'
import { Fault } from '../../domain/fault.ts'
import type { Item, Uid } from '../../domain/mail.ts'
import { Cursor, ProtocolError } from './codec/cursor.ts'
import { type FetchData, type FetchParser, receivedAtOf } from './codec/fetch-data.ts'
import type { LiteralSink } from './codec/response-reader.ts'
import type { Exchange, Tagged, Untagged } from './exchange.ts'
import { Inflow } from './inflow.ts'
import { LiteralBody } from './literal-body.ts'
import type { Wire } from './wire.ts'

/** What is known of a message before its content comes. */
export type Expected = Pick<Item, 'uid' | 'flags' | 'receivedAt'>

export interface ItemFetchOptions {
  readonly wire: Wire
  readonly parser: FetchParser
  readonly literalBytesMax: number
  /** What was asked for; what comes is taken out. */
  readonly wanted: Set<Uid>
  /** Where the server tells all else behind the content: the one message asked for, and what was learnt of it before. */
  readonly expected: Expected | null
}

/** The body of an item is one of ours; it can be thrown away where its reader does not want it. */
export interface FetchedItem extends Item {
  readonly body: LiteralBody
}

const nothing: LiteralSink = { chunk() {}, end() {} }

/** Its end is not that of the message yet. */
const unconfirmed = (body: LiteralBody): LiteralSink => ({ chunk: (bytes) => body.chunk(bytes), end() {} })

/** Bytes that nobody wants are read up to here; then the connection is cut instead. */
const discardBytesMax = 32 * 1024 * 1024

/** Whole messages on their way in: the answer to one `UID FETCH ... BODY.PEEK[]`. */
export class ItemFetch implements Exchange {
  readonly items = new Inflow<FetchedItem>()
  tagged: Tagged | null = null
  /** The content came before the UID, the flags or the date (RFC 3501, section 7.4.2 allows any order). */
  sawBodyFirst = false
  readonly #options: ItemFetchOptions
  /** The one whose content is coming now. */
  #current: FetchedItem | null = null
  #hasLiteral = false
  #isUnwanted = false
  #discardedBytes = 0

  constructor(options: ItemFetchOptions) {
    this.#options = options
  }

  get isSated(): boolean {
    const { wanted, expected } = this.#options
    return this.#isUnwanted || (expected ? !wanted.has(expected.uid) : wanted.size === 0)
  }

  onLiteral(text: string, sizeBytes: number): LiteralSink | null {
    const data = this.#beginning(text)
    if (data?.section !== 'BODY[]' || !this.#isOurs(data)) return null
    this.#hasLiteral = true
    return this.#isUnwanted ? this.#discardLiteral(sizeBytes) : this.#begin(data, sizeBytes)
  }

  onUnwanted(text: string, sizeBytes: number): LiteralSink | null {
    return this.#beginning(text)?.section === 'BODY[]' ? this.#discardLiteral(sizeBytes) : null
  }

  onUntagged({ keyword, cursor }: Untagged): boolean {
    if (keyword !== 'FETCH') return false
    const hadLiteral = this.#hasLiteral
    this.#hasLiteral = false
    if (hadLiteral && !this.#options.expected) {
      this.#current = null
      return true
    }
    const data = this.#complete(this.#options.parser.parse(cursor))
    if (hadLiteral) return this.#confirm(data)
    if (data.section !== 'BODY[]' || data.content === null || !this.#isOurs(data)) return false
    if (!this.#isUnwanted) this.#take(data, Buffer.from(data.content, 'latin1'))
    return true
  }

  onTagged(tagged: Tagged): void {
    this.tagged = tagged
    this.items.end(null)
  }

  onFailure(fault: Fault): void {
    const current = this.#current
    if (current && !current.body.isWhole) {
      this.items.takeBack(current)
      current.body.fail(fault)
    }
    this.items.end(fault)
  }

  /** Nobody wants the rest: it is read and thrown away, within reason. */
  discard(): void {
    this.#isUnwanted = true
    for (const { body } of this.items.takeAll()) body.discard()
    if (!this.#current || this.#current.body.isWhole) return
    this.#current.body.discard()
    this.#discardLiteral(this.#current.sizeBytes)
  }

  #beginning(text: string): FetchData | null {
    if (!/^\d+ FETCH \(/i.test(text)) return null
    return this.#complete(this.#options.parser.parse(new Cursor(text, [], text.indexOf('('))))
  }

  #complete(data: FetchData): FetchData {
    const { expected } = this.#options
    return expected ? { ...data, uid: data.uid ?? expected.uid, flags: data.flags ?? expected.flags } : data
  }

  /** Known before the content comes, and asked for by this very command. */
  #isOurs({ uid, flags, dateText }: FetchData): boolean {
    const isKnown = uid !== null && flags !== null && (dateText !== null || this.#options.expected !== null)
    if (!isKnown) this.sawBodyFirst = true
    return !this.sawBodyFirst && uid !== null && this.#options.wanted.has(uid)
  }

  /** Behind the content it turns out whose it was: only then it is whole. */
  #confirm({ uid }: FetchData): boolean {
    if (uid !== this.#options.expected?.uid) throw new ProtocolError('The content of another message came')
    this.#current?.body.end()
    this.#current = null
    return true
  }

  #begin(data: FetchData, sizeBytes: number): LiteralSink {
    const body = new LiteralBody(this.#options.wire.brake)
    this.#current = this.#item(data, sizeBytes, body)
    this.items.push(this.#current)
    if (sizeBytes <= this.#options.literalBytesMax) return this.#options.expected ? unconfirmed(body) : body
    body.fail(this.#tooLarge(data.uid ?? 0, sizeBytes))
    this.#current = null
    return nothing
  }

  /** The content came as a quoted string. */
  #take(data: FetchData, bytes: Uint8Array): void {
    const body = new LiteralBody(this.#options.wire.brake)
    if (bytes.length > 0) body.chunk(bytes)
    body.end()
    this.items.push(this.#item(data, bytes.length, body))
  }

  #item(data: FetchData, sizeBytes: number, body: LiteralBody): FetchedItem {
    const uid = data.uid ?? 0
    this.#options.wanted.delete(uid)
    const receivedAt = data.dateText === null ? (this.#options.expected?.receivedAt ?? null) : receivedAtOf(data)
    return { uid, sizeBytes, flags: data.flags ?? [], receivedAt, body }
  }

  #discardLiteral(sizeBytes: number): LiteralSink {
    this.#discardedBytes += sizeBytes
    const { wire } = this.#options
    if (this.#isUnwanted && this.#discardedBytes > discardBytesMax) wire.cutShort()
    return nothing
  }

  #tooLarge(uid: Uid, sizeBytes: number): Fault {
    const { literalBytesMax, wire } = this.#options
    const message = `Cannot read the message ${uid}: its ${sizeBytes} bytes are more than the limit of ${literalBytesMax}`
    return new Fault('source.corrupt', message, { side: wire.options.peer.side })
  }
}
