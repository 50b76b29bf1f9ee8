import { parseStatusLine } from './status-line.ts'

/** What a server says it can do, in capitals; what has a value as `NAME=VALUE`. */
export type Capabilities = ReadonlySet<string>

/** RFC 7888, section 5: what LITERAL- allows without waiting. */
const literalMinusBytesMax = 4096

/**
 * The capabilities that a response tells, by itself or in its code (RFC 3501, section 7.1), or null where it tells none.
 * Takes what stands behind the tag or the star.
 */
export function capabilitiesIn(text: string): Capabilities | null {
  const code = parseStatusLine(text)?.code
  const words = code?.name === 'CAPABILITY' ? code.data : /^CAPABILITY (.*)$/is.exec(text)?.[1]
  if (words === undefined) return null
  return new Set(words.toUpperCase().split(' ').filter(Boolean))
}

/** The largest literal that may be sent without asking (RFC 7888). */
export function literalBytesUnasked(capabilities: Capabilities): number {
  if (capabilities.has('LITERAL+')) return Number.POSITIVE_INFINITY
  return capabilities.has('LITERAL-') || capabilities.has('IMAP4REV2') ? literalMinusBytesMax : 0
}

/** APPENDLIMIT for all folders (RFC 7889, section 2), or null. */
export function appendLimit(capabilities: Capabilities): number | null {
  for (const word of capabilities) {
    const digits = /^APPENDLIMIT=(\d{1,15})$/.exec(word)?.[1]
    if (digits !== undefined) return Number(digits) || null
  }
  return null
}
