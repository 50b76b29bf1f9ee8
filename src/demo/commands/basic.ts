import { capabilities } from '../capabilities.ts'
import { anyState, type CommandTable, selectedOnly, signedIn } from '../command.ts'
import type { Cursor, Parsing } from '../cursor.ts'
import { bad } from '../refusal.ts'
import type { Session } from '../session.ts'

export const basicCommands: CommandTable = {
  CAPABILITY: {
    states: anyState,
    parse(cursor, session) {
      cursor.end()
      return () => {
        session.untagged(`CAPABILITY ${capabilities(session)}`)
        return 'Capability completed'
      }
    },
  },
  NOOP: {
    states: anyState,
    parse(cursor) {
      cursor.end()
      return () => 'Nothing done'
    },
  },
  CHECK: {
    states: selectedOnly,
    parse(cursor) {
      cursor.end()
      return () => 'Checked'
    },
  },
  LOGOUT: {
    states: anyState,
    parse(cursor, session) {
      cursor.end()
      return () => {
        session.unselect()
        session.untagged('BYE Logging out')
        return { text: 'Logged out', after: () => session.leave() }
      }
    },
  },
  ID: {
    states: anyState,
    extension: 'ID',
    *parse(cursor, session) {
      cursor.space()
      yield* idParameters(cursor)
      cursor.end()
      return () => {
        session.untagged('ID ("name" "Postferry demo server")')
        return 'ID completed'
      }
    },
  },
  ENABLE: {
    states: signedIn,
    extension: 'ENABLE',
    parse(cursor, session) {
      const asked: string[] = []
      while (cursor.skips(' ')) asked.push(cursor.keyword('a capability'))
      if (asked.length === 0) throw bad('Expected a capability')
      cursor.end()
      return () => {
        const enabled = asked.filter((word) => enable(session, word))
        session.untagged(['ENABLED', ...enabled].join(' '))
        return 'Enabled'
      }
    },
  },
}

/** RFC 2971, section 3.1: a list of field and value pairs, or NIL. */
function* idParameters(cursor: Cursor): Parsing<void> {
  if (!cursor.skips('(')) return void cursor.take(/NIL/iy, 'a list or NIL')
  if (cursor.skips(')')) return
  do {
    yield* cursor.string()
    cursor.space()
    yield* cursor.nstring()
  } while (cursor.skips(' '))
  cursor.expect(')')
}

/** QRESYNC brings CONDSTORE with it (RFC 7162, section 3.2.3). */
function enable(session: Session, word: string): boolean {
  if (word !== 'CONDSTORE' && word !== 'QRESYNC') return false
  if (!session.has(word)) return false
  session.enabled.add('CONDSTORE').add(word)
  return true
}
