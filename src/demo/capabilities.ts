import type { Session } from './session.ts'
import type { Extension } from './settings.ts'

/** Told before the sign-in already; all the others only behind it, as Dovecot does. */
const early: readonly Extension[] = ['LITERAL+', 'LITERAL-', 'SASL-IR', 'ENABLE', 'ID', 'IDLE']

/** What CAPABILITY answers in the session's present state. */
export function capabilities(session: Session): string {
  const words = session.account ? lateWords(session) : earlyWords(session)
  return ['IMAP4rev1', ...words].join(' ')
}

function earlyWords(session: Session): readonly string[] {
  const { tls } = session.context.settings
  const offered = early.filter((extension) => session.has(extension))
  const startTls = tls && !session.isSecure ? ['STARTTLS'] : []
  return [...offered, ...startTls, mayLogin(session) ? 'AUTH=PLAIN' : 'LOGINDISABLED']
}

function lateWords(session: Session): readonly string[] {
  const { extensions, appendBytesMax } = session.context.settings
  return [...extensions, ...(appendBytesMax === null ? [] : [`APPENDLIMIT=${appendBytesMax}`])]
}

/** RFC 3501, section 6.2.3. */
export const mayLogin = (session: Session): boolean => session.isSecure || !session.context.settings.isLoginDisabled
