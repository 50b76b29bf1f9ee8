/** All system flags that may be written (RFC 3501, section 2.3.2). \Recent is the server's own, others are unknown. */
const systemFlags = new Map(
  ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'].map((flag) => [flag.toLowerCase(), flag]),
)

/** All that may stand in a `flag-keyword` (RFC 3501, section 9: ATOM-CHAR). */
const keyword = /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]{1,250}$/
/** Dovecot (2.3.19) refuses a message whose new keyword is longer; one that the folder has already is its own business. */
const newKeywordLengthMax = 50

/** Which flags a target folder can keep: what PERMANENTFLAGS said. */
export interface FlagRules {
  /** `\*` was there: new keywords can be made. */
  readonly takesKeywords: boolean
  /** Keywords it has, in lower case, with their own spelling. */
  readonly keywords: ReadonlyMap<string, string>
}

/** A missing PERMANENTFLAGS lets all flags be kept (RFC 3501, section 7.1): those that FLAGS names. */
export function flagRules(permanent: readonly string[] | null, applicable: readonly string[]): FlagRules {
  const named = permanent ?? applicable
  const keywords = named.filter((flag) => keyword.test(flag)).map((flag) => [flag.toLowerCase(), flag] as const)
  return { takesKeywords: named.includes('\\*'), keywords: new Map(keywords) }
}

/**
 * The flags as they may be written to a folder, each once: system flags in their own spelling, keywords only if they
 * are atoms that the folder keeps. Nothing of what a source said is passed through as it was.
 */
export function writableFlags(flags: readonly string[], rules: FlagRules): readonly string[] {
  const written = new Map<string, string>()
  for (const flag of flags) {
    const key = flag.toLowerCase()
    const text = systemFlags.get(key) ?? writableKeyword(flag, key, rules)
    if (text !== null) written.set(key, text)
  }
  return [...written.values()]
}

function writableKeyword(flag: string, key: string, { takesKeywords, keywords }: FlagRules): string | null {
  if (!keyword.test(flag)) return null
  return keywords.get(key) ?? (takesKeywords && flag.length <= newKeywordLengthMax ? flag : null)
}

/** What a listing tells of a message: \Recent belongs to the session, not to the message. */
export const withoutRecent = (flags: readonly string[]): readonly string[] =>
  flags.filter((flag) => flag.toLowerCase() !== '\\recent')
