import { Buffer } from 'node:buffer'
import type { Fault } from '../../domain/fault.ts'
import type { ItemHeader, Uid } from '../../domain/mail.ts'
import { Cursor, literalMark } from './codec/cursor.ts'
import type { FetchData } from './codec/fetch-data.ts'
import type { LiteralSink } from './codec/response-reader.ts'
import type { Exchange, Tagged, Untagged } from './exchange.ts'
import { Inflow } from './inflow.ts'
import type { Session } from './session.ts'

/** More than any honest header has; a longer one is left out, as if its message were gone. */
const headerBytesMax = 32 * 1024 * 1024

/** Headers on their way in: the answer to one `UID FETCH ... BODY.PEEK[HEADER]`. */
export class HeaderFetch implements Exchange {
  readonly headers = new Inflow<ItemHeader>()
  tagged: Tagged | null = null
  readonly #session: Session
  /** What was asked for; what comes is taken out. */
  readonly #wanted: Set<Uid>
  /** The literal of the present response, and what stood before it; its bytes are null where nobody wants them. */
  #literal: { readonly bytes: Buffer | null; readonly data: FetchData } | null = null
  #isUnwanted = false

  constructor(session: Session, wanted: Set<Uid>) {
    this.#session = session
    this.#wanted = wanted
  }

  get isSated(): boolean {
    return this.#isUnwanted || this.#wanted.size === 0
  }

  onLiteral(text: string, sizeBytes: number): LiteralSink | null {
    if (!/^\d+ FETCH \(/i.test(text)) return null
    const data = this.#session.fetchParser.parse(new Cursor(text, [], text.indexOf('(')))
    const { section, uid } = data
    if (section !== 'BODY[HEADER]' || (uid !== null && !this.#wanted.has(uid))) return null
    const bytes = sizeBytes <= headerBytesMax && !this.#isUnwanted ? Buffer.allocUnsafe(sizeBytes) : null
    this.#literal = { bytes, data }
    let filled = 0
    return {
      chunk(part) {
        bytes?.set(part, filled)
        filled += part.length
      },
      end() {},
    }
  }

  onUntagged({ keyword, cursor }: Untagged): boolean {
    if (keyword !== 'FETCH') return false
    const isAllKnown = this.#literal?.data.uid != null && cursor.text.endsWith(`${literalMark})`)
    const data = isAllKnown ? this.#literal?.data : null
    const { section, uid, sizeBytes, content } = data ?? this.#session.fetchParser.parse(cursor)
    const quoted = content === null ? null : Buffer.from(content, 'latin1')
    const header = this.#literal ? this.#literal.bytes : quoted
    this.#literal = null
    if (section !== 'BODY[HEADER]' || uid === null || !this.#wanted.delete(uid)) return false
    if (header && !this.#isUnwanted) this.#take({ uid, sizeBytes: sizeBytes ?? 0, header })
    return true
  }

  onTagged(tagged: Tagged): void {
    this.tagged = tagged
    this.headers.end(null)
  }

  onFailure(fault: Fault): void {
    this.headers.end(fault)
  }

  discard(): void {
    this.#isUnwanted = true
    for (const { header } of this.headers.takeAll()) this.#session.wire.brake.release(header.length)
  }

  #take(header: ItemHeader): void {
    this.#session.wire.brake.hold(header.header.length)
    this.headers.push(header)
  }
}
