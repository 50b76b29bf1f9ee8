import type { Fault } from '../../domain/fault.ts'
import { Cursor } from './codec/cursor.ts'
import type { LiteralSink } from './codec/response-reader.ts'
import { parseStatusLine, type StatusLine } from './codec/status-line.ts'

/** An untagged response: `* 3 FETCH (...)` is { keyword: 'FETCH', number: 3 }. */
export interface Untagged {
  readonly keyword: string
  readonly number: number | null
  /** A new one at each look, behind the keyword. */
  readonly cursor: Cursor
  /** The status and the code of an untagged OK, NO or BAD. */
  readonly status: StatusLine | null
}

/** How a command ended. */
export type Tagged = StatusLine & { readonly status: 'OK' | 'NO' | 'BAD' }

/**
 * What one command does with what the server says meanwhile. Called inside the parser, in order. A server may begin to
 * answer the next command before it ends this one (RFC 3501, section 5.5; Dovecot 2.3.19 does): so each command is asked,
 * the oldest first, whether an answer is its own.
 */
export interface Exchange {
  /** It changes what is selected: what comes before its answer is never for a command behind it. */
  readonly isTurning?: boolean
  /** All that it brings has come, but for its end: nobody waits for that. */
  readonly isSated?: boolean
  /** False: it is not for this command. `isFirst`: all older commands are answered. */
  onUntagged?(response: Untagged, isFirst: boolean): boolean
  /** A literal behind `text` (without the star) is about to come; a sink takes its bytes, null leaves it to others. */
  onLiteral?(text: string, sizeBytes: number): LiteralSink | null
  /** A literal of this text that no command wants; null has it kept like any small one. */
  onUnwanted?(text: string, sizeBytes: number): LiteralSink | null
  onTagged?(tagged: Tagged): void
  onFailure?(fault: Fault): void
}

/** Reads what begins with a star. */
export function readUntagged(text: string, literals: readonly Uint8Array[]): Untagged {
  const head = new Cursor(text, literals, 2)
  const number = head.isBeforeDigit ? head.number() : null
  if (number !== null) head.space()
  const keyword = head.keyword()
  head.skips(' ')
  return {
    keyword,
    number,
    status: number === null ? parseStatusLine(text.slice(2)) : null,
    get cursor() {
      return new Cursor(text, literals, head.at)
    },
  }
}

/** Reads what begins with a tag, or null where it is no answer. */
export function readTagged(text: string): { readonly tag: string; readonly tagged: Tagged } | null {
  const end = text.indexOf(' ')
  const line = end < 0 ? null : parseStatusLine(text.slice(end + 1))
  return isTagged(line) ? { tag: text.slice(0, end), tagged: line } : null
}

const isTagged = (line: StatusLine | null): line is Tagged =>
  line?.status === 'OK' || line?.status === 'NO' || line?.status === 'BAD'
