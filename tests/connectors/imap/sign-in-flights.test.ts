import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { Access } from '../../../src/domain/endpoint.ts'
import { describeWith } from '../../support/need.ts'
import { certificate } from './certificates.ts'
import { honestly, startTalk, type TalkServer } from './talk-server.ts'

setDefaultTimeout(30_000)

const connector = createImapConnector({ signInMs: 5_000 })
const { signal } = new AbortController()
const early = 'IMAP4rev1 SASL-IR AUTH=PLAIN'
const late = 'IMAP4rev1 LITERAL+ ID NAMESPACE ENABLE QRESYNC CONDSTORE LIST-EXTENDED LIST-STATUS'

/** Signs in and lists the folders; gives what each flight was, without tags and arguments. */
async function flightsOf(server: TalkServer, to: Access = server.access): Promise<readonly string[]> {
  await using source = await connector.openSource(to, signal)
  expect((await source.listFolders()).map(({ name }) => name)).toEqual(['INBOX'])
  return server.flights.map((lines) =>
    lines.map((line) => /^s?p?\d* ?([A-Z]+\b(?!=))/.exec(line)?.[1] ?? '…').join(' '),
  )
}

describe('the first listing is on its way after the greeting and', () => {
  const listing = 'ID NAMESPACE ENABLE LIST'

  test.each([
    [
      'one flight, where all is told',
      `OK [CAPABILITY ${early}] hi`,
      `TAG OK [CAPABILITY ${late}] in\r\n`,
      ['AUTHENTICATE', listing],
    ],
    [
      'one flight, where it is told beside the OK',
      `OK [CAPABILITY ${early}] hi`,
      `* CAPABILITY ${late}\r\nTAG OK in\r\n`,
      ['AUTHENTICATE', listing],
    ],
    [
      'two, where capabilities must be asked for after the sign-in',
      `OK [CAPABILITY ${early}] hi`,
      'TAG OK in\r\n',
      ['AUTHENTICATE', 'CAPABILITY', listing],
    ],
    [
      'two, where they must be asked for before it',
      'OK hi',
      `TAG OK [CAPABILITY ${late}] in\r\n`,
      ['CAPABILITY', 'AUTHENTICATE', listing],
    ],
    [
      'three, where nothing is told unasked',
      'OK hi',
      'TAG OK in\r\n',
      ['CAPABILITY', 'AUTHENTICATE', 'CAPABILITY', listing],
    ],
    [
      'two, where PLAIN needs a step of its own',
      'OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi',
      `TAG OK [CAPABILITY ${late}] in\r\n`,
      ['AUTHENTICATE', '…', listing],
    ],
    [
      'one, by LOGIN, whose literals are not waited for',
      'OK [CAPABILITY IMAP4rev1 LITERAL+] hi',
      `TAG OK [CAPABILITY ${late}] in\r\n`,
      ['LOGIN', listing],
    ],
  ])('%s', async (_, greeting, signedIn, flights) => {
    let asked = 0
    const answer = (line: Parameters<ReturnType<typeof honestly>>[0]) => {
      if (line.text === 'CAPABILITY') asked += 1
      const isFirst = asked === 1 && greeting === 'OK hi'
      return honestly({ asked: isFirst ? early : late, signedIn })(line)
    }
    await using server = await startTalk({ greeting: `* ${greeting}`, answer })
    expect(await flightsOf(server)).toEqual(flights)
  })
})

describeWith('openssl')('over STARTTLS', () => {
  const tls = certificate('IP:127.0.0.1')
  const over = ({ access }: TalkServer): Access => ({
    ...access,
    server: { ...access.server, security: 'tls', ca: tls.cert },
  })

  test('two flights come on top, and nothing that was told in clear text counts', async () => {
    const tells = honestly({ asked: early, signedIn: `TAG OK [CAPABILITY ${late}] in\r\n` })
    await using server = await startTalk({
      // Nothing that our own wire could sign in by.
      greeting: '* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED AUTH=LOGIN] hi',
      answer: (line) =>
        line.text === 'STARTTLS'
          ? `* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n${line.tag} OK [CAPABILITY IMAP4rev1 LOGINDISABLED] go\r\n`
          : tells(line),
      tls,
    })
    expect(await flightsOf(server, over(server))).toEqual([
      'STARTTLS',
      'CAPABILITY',
      'AUTHENTICATE',
      'ID NAMESPACE ENABLE LIST',
    ])
    expect(server.clear()).toBe('s1 STARTTLS\r\n')
  })
})
