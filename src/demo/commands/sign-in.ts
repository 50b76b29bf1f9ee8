import { Buffer } from 'node:buffer'
import { capabilities, mayLogin } from '../capabilities.ts'
import { type CommandTable, signedOut } from '../command.ts'
import { bad, no } from '../refusal.ts'
import type { Session } from '../session.ts'
import type { Credentials } from '../store.ts'

export const signInCommands: CommandTable = {
  LOGIN: {
    states: signedOut,
    *parse(cursor, session) {
      cursor.space()
      const login = yield* cursor.astring()
      cursor.space()
      const password = yield* cursor.astring()
      cursor.end()
      return () => signIn(session, { login: utf8(login), password: utf8(password), authzid: null })
    },
  },
  AUTHENTICATE: {
    states: signedOut,
    parse(cursor, session) {
      cursor.space()
      const mechanism = cursor.keyword('a mechanism')
      const initial = cursor.skips(' ') ? cursor.take(/=|[A-Za-z0-9+/]+={0,2}/y, 'an initial response') : null
      cursor.end()
      if (initial !== null && !session.has('SASL-IR')) throw bad('SASL-IR is not offered')
      if (mechanism !== 'PLAIN') throw no('[CANNOT] Unsupported mechanism')
      return async () => signIn(session, parsePlain(initial ?? (await challenge(session))))
    },
  },
  STARTTLS: {
    states: signedOut,
    parse(cursor, session) {
      cursor.end()
      const { tls } = session.context.settings
      if (!tls || session.isSecure) throw bad('STARTTLS is not offered')
      return () => ({ text: 'Begin TLS negotiation now', after: () => session.startTls(tls) })
    },
  },
}

async function challenge(session: Session): Promise<string> {
  session.text('+ \r\n')
  const line = await session.input.line()
  if (!line || line.text === '*') throw bad('Authentication cancelled')
  return line.text
}

/** RFC 4616: `authzid NUL authcid NUL passwd`. */
function parsePlain(response: string): Credentials {
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(response)
  const [authzid, login, password, ...more] = Buffer.from(response, 'base64').toString('utf8').split('\0')
  if (!isBase64 || !login || password === undefined || more.length > 0) throw bad('Invalid PLAIN response')
  return { login, password, authzid: authzid || null }
}

function signIn(session: Session, credentials: Credentials): string {
  if (!mayLogin(session)) throw no('[PRIVACYREQUIRED] Sign-in needs an encrypted connection')
  session.account = session.context.store.signIn(credentials)
  if (!session.account) throw no('[AUTHENTICATIONFAILED] Authentication failed')
  return `[CAPABILITY ${capabilities(session)}] Logged in`
}

const utf8 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8')
