import type { Capabilities } from './codec/capabilities.ts'

/** Extensions of which something depends here: what each brings, and what is without it. */
const extensions: readonly (readonly [name: RegExp, brings: string, without: string | null])[] = [
  [/^UIDPLUS$/, 'UIDPLUS tells where copies went', 'Without UIDPLUS copies are found again by listing the folder'],
  [
    /^MULTIAPPEND$/,
    'MULTIAPPEND takes many messages at a time',
    'Without MULTIAPPEND each message is a command of its own',
  ],
  [/^LITERAL\+$/, 'LITERAL+ takes messages without a question', null],
  [/^LITERAL-$/, 'LITERAL- takes small messages without a question', null],
  [/^CONDSTORE$/, 'CONDSTORE tells what changed', 'Without CONDSTORE later passes list every folder that changed'],
  [/^QRESYNC$/, 'QRESYNC tells what vanished', null],
  [
    /^LIST-STATUS$/,
    'LIST-STATUS tells all folders in one answer',
    'Without LIST-STATUS each folder is asked for by itself',
  ],
  [
    /^SPECIAL-USE$/,
    'SPECIAL-USE tells which folder is for sent mail, drafts and trash',
    'Without SPECIAL-USE such folders are known by their names',
  ],
  [
    /^MOVE$/,
    'MOVE follows messages to other folders',
    'Without MOVE messages that moved at the source are copied again',
  ],
  [/^NAMESPACE$/, 'NAMESPACE tells where the own folders begin', null],
  [/^QUOTA/, 'QUOTA tells how much room is left', 'Without QUOTA nothing tells beforehand that a mailbox is full'],
  [
    /^APPENDLIMIT/,
    'APPENDLIMIT tells the largest message',
    'Without APPENDLIMIT too large messages show when they are refused',
  ],
  [/^OBJECTID$/, 'OBJECTID knows folders again that were renamed', null],
]

/** What a server's capabilities mean for a migration, each a sentence. */
export function whatTheyBring(capabilities: Capabilities): readonly string[] {
  const words = [...capabilities]
  return extensions.flatMap(([name, brings, without]) => {
    if (words.some((word) => name.test(word))) return [brings]
    return without === null ? [] : [without]
  })
}

/** How one may sign in, of what is told before; null where only a question shows it. */
export function mechanisms(capabilities: Capabilities): string {
  const offered = [...capabilities].filter((word) => word.startsWith('AUTH=')).map((word) => word.slice('AUTH='.length))
  const login = capabilities.has('LOGINDISABLED') ? [] : ['LOGIN']
  const all = [...offered.map((word) => (word === 'LOGIN' ? 'SASL LOGIN' : word)), ...login]
  return all.length === 0 ? 'None before the connection is secured' : all.join(', ')
}
