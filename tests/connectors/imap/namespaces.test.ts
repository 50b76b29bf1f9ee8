import { describe, expect, test } from 'bun:test'
import { Cursor, ProtocolError } from '../../../src/connectors/imap/codec/cursor.ts'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import { type Namespaces, parseNamespaces } from '../../../src/connectors/imap/namespaces.ts'
import type { SeenCommand } from '../../../src/demo/hooks.ts'
import { seededRandom } from '../../support/random.ts'
import { faultOf } from '../conformance.ts'
import { startDemo } from './demo-world.ts'

const parse = (text: string): Namespaces => parseNamespaces(new Cursor(text))
const none: Namespaces = { personal: [], foreign: [] }

describe('namespaces', () => {
  test.each([
    ['(("" "/")) NIL NIL', { personal: [{ prefix: '', delimiter: '/' }], foreign: [] }],
    ['NIL NIL (("" "."))', { personal: [], foreign: [{ prefix: '', delimiter: '.' }] }],
    ['(("" NIL)) NIL NIL', { personal: [{ prefix: '', delimiter: null }], foreign: [] }],
    ['(("" "")) NIL NIL', { personal: [{ prefix: '', delimiter: null }], foreign: [] }],
    ['(("INBOX" ".")) NIL NIL', { personal: [{ prefix: 'INBOX.', delimiter: '.' }], foreign: [] }],
    [
      '(("" "/")("#mh/" "/" "X-PARAM" ("A" "B"))) (("~" "/")) (("#shared/" "/") ("#news." "."))',
      {
        personal: [
          { prefix: '', delimiter: '/' },
          { prefix: '#mh/', delimiter: '/' },
        ],
        foreign: [
          { prefix: '~/', delimiter: '/' },
          { prefix: '#shared/', delimiter: '/' },
          { prefix: '#news.', delimiter: '.' },
        ],
      },
    ],
    ['(("" "\\\\")) NIL NIL', { personal: [{ prefix: '', delimiter: '\\' }], foreign: [] }],
    ['(("" "/" ) )  NIL', { personal: [{ prefix: '', delimiter: '/' }], foreign: [] }],
    ['NIL NIL NIL', none],
    ['', none],
  ])('%s', (text, spaces) => {
    expect(parse(text)).toEqual(spaces)
  })

  test.each(['((', '(("" "/")', '((""))', ')', '(("a"', '(("" "/" (', `(${'("" "/")'.repeat(1001)}) NIL NIL`])(
    '%s cannot be read',
    (text) => expect(() => parse(text)).toThrow(ProtocolError),
  )

  test('are read or refused, whatever they are', () => {
    const random = seededRandom(3)
    for (let round = 0; round < 5000; round++) {
      const words = ['(', ')', ' ', '"', '""', 'NIL', '"/"', 'x', '\\', '{', '\0']
      const text = Array.from({ length: Math.floor(random() * 20) }, () => words[Math.floor(random() * words.length)])
      try {
        parse(text.join(''))
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
      }
    }
  })

  test('of a mailbox that the server lets in and cannot reach are a fault that may pass', async () => {
    const answer = 'BAD User is authenticated but not connected.'
    const onCommand = ({ name }: SeenCommand) => (name === 'NAMESPACE' ? { answer } : undefined)
    await using side = await startDemo({ hooks: { onCommand } })
    await using source = await createImapConnector().openSource(side.access, new AbortController().signal)
    expect(await faultOf(source.listFolders())).toMatchObject({ code: 'server.unavailable', scope: 'mailbox' })
  })
})
