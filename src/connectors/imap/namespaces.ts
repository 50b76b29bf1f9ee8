import { type Cursor, ProtocolError } from './codec/cursor.ts'
import type { Exchange } from './exchange.ts'
import { refusalFault } from './faults.ts'
import type { Session } from './session.ts'

/** What the names of some folders begin with, its delimiter included, as NAMESPACE tells it (RFC 2342). */
export interface Namespace {
  readonly prefix: string
  readonly delimiter: string | null
}

export interface Namespaces {
  /** Mostly one, with an empty prefix; none where the server would not tell. */
  readonly personal: readonly Namespace[]
  /** Of other people, and shared. */
  readonly foreign: readonly Namespace[]
}

export const noNamespaces: Namespaces = { personal: [], foreign: [] }

/** Far more than anybody has. */
const namespacesMax = 1000

/** Throws a Fault where the server has let somebody in whose mailbox it cannot reach. */
export async function askNamespaces({ wire, peer }: Pick<Session, 'wire' | 'peer'>): Promise<Namespaces> {
  let told = noNamespaces
  const exchange: Exchange = {
    onUntagged({ keyword, cursor }) {
      if (keyword === 'NAMESPACE') told = parseNamespaces(cursor)
      return keyword === 'NAMESPACE'
    },
  }
  const tagged = await wire.command(['NAMESPACE'], exchange)
  // How Exchange answers every command when the account's mailbox cannot be opened; the sign-in itself was an OK.
  if (tagged.status === 'BAD' && /authenticated but not connected/i.test(tagged.text)) {
    const line = { ...tagged, code: { name: 'UNAVAILABLE', data: '' } }
    throw refusalFault(peer, 'sign-in', `Cannot sign in to ${peer.name}`, line)
  }
  return tagged.status === 'OK' ? told : noNamespaces
}

/** `NAMESPACE (("" "/")) NIL (("Public/" "/"))`: of one's own, of other people, and shared. */
export function parseNamespaces(cursor: Cursor): Namespaces {
  const [personal = [], others = [], shared = []] = [parseList(cursor), parseList(cursor), parseList(cursor)]
  return { personal, foreign: [...others, ...shared] }
}

function parseList(cursor: Cursor): readonly Namespace[] {
  while (cursor.skips(' '));
  if (cursor.isAtEnd) return []
  if (!cursor.isBefore('(')) {
    cursor.skipValue()
    return []
  }
  let count = 0
  return cursor.list(() => {
    count += 1
    if (count > namespacesMax) throw new ProtocolError('A mailbox has more namespaces than there can be')
    return parseNamespace(cursor)
  })
}

/** Extensions may stand behind the delimiter (RFC 2342, section 6). */
function parseNamespace(cursor: Cursor): Namespace {
  cursor.expect('(')
  const prefix = cursor.string() ?? ''
  cursor.space()
  const delimiter = cursor.string() || null
  while (cursor.skips(' '));
  while (!cursor.skips(')')) {
    cursor.skipValue()
    while (cursor.skips(' '));
  }
  const isOpen = prefix !== '' && delimiter !== null && !prefix.endsWith(delimiter)
  return { prefix: isOpen ? prefix + delimiter : prefix, delimiter }
}
