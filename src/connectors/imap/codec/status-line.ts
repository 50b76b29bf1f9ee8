/** A response code in brackets (RFC 5530 and others): `[APPENDUID 38505 3955]`. */
export interface ResponseCode {
  /** In capitals. */
  readonly name: string
  readonly data: string
}

/** How a command ended, or what the server said unasked. */
export interface StatusLine {
  readonly status: 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH'
  readonly code: ResponseCode | null
  /** The words for people, as the server wrote them. */
  readonly text: string
}

const statuses: Readonly<Record<string, StatusLine['status']>> = {
  OK: 'OK',
  NO: 'NO',
  BAD: 'BAD',
  BYE: 'BYE',
  PREAUTH: 'PREAUTH',
}

/** Reads what stands behind the tag or the star, or null where it is no status response. */
export function parseStatusLine(text: string): StatusLine | null {
  const end = text.indexOf(' ')
  const status = statuses[(end < 0 ? text : text.slice(0, end)).toUpperCase()]
  if (!status) return null
  const words = end < 0 ? '' : text.slice(end + 1).trimStart()
  return words.startsWith('[') ? { status, ...withCode(words) } : { status, code: null, text: words }
}

/** Flags in parentheses may hold a bracket. */
function withCode(words: string): Pick<StatusLine, 'code' | 'text'> {
  const [, name, data = '', text = ''] = /^\[([^ \]]+)(?: (\([^)]*\)|[^\]]*))?\] ?(.*)$/s.exec(words) ?? []
  return name === undefined ? { code: null, text: words } : { code: { name: name.toUpperCase(), data }, text }
}
