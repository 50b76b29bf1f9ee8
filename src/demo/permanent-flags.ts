import { systemFlag } from './flags.ts'
import type { Session } from './session.ts'

/** Those flags that are kept; others are passed over in silence (RFC 3501, section 7.1, PERMANENTFLAGS). */
export function keptFlags(session: Session, flags: readonly string[]): readonly string[] {
  const { keywords } = session.context.settings
  if (keywords === 'any') return flags
  const known = new Set(keywords.map((keyword) => keyword.toLowerCase()))
  return flags.filter((flag) => systemFlag(flag) !== null || known.has(flag.toLowerCase()))
}
