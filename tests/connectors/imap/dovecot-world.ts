import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { ImapOptions } from '../../../src/connectors/imap/options.ts'
import type { Access, ServerAddress } from '../../../src/domain/endpoint.ts'
import { encodeUtf7 } from '../../../src/domain/utf7.ts'
import { type DovecotServer, startDovecot } from '../../support/dovecot.ts'
import type { DovecotOptions } from '../../support/dovecot-config.ts'
import { append, run } from '../../support/imap-client.ts'
import { quote } from '../../support/imap-names.ts'
import { ImapWire } from '../../support/imap-wire.ts'
import { defaultDate, type Outside, type World } from '../world.ts'

/** Everything but the server, for a mailbox of Ada's. */
export const access = (server: Partial<ServerAddress>, more: Partial<Access> = {}): Access => ({
  server: { host: '127.0.0.1', port: 0, security: 'none', acceptsUntrustedCertificates: false, ca: null, ...server },
  literalBytesMax: 256 * 1024 * 1024,
  login: 'ada',
  password: 'pass',
  authzid: null,
  userRoot: null,
  ...more,
})

export interface Dovecots extends AsyncDisposable {
  readonly source: DovecotServer
  readonly target: DovecotServer
  /** Two empty mailboxes of somebody new. */
  world(imap?: Partial<ImapOptions>): World & { readonly user: string }
}

/** Two Dovecots, spoken to in clear text or over TLS. */
export async function startDovecots(
  options: { readonly source?: DovecotOptions; readonly target?: DovecotOptions; readonly isTls?: boolean } = {},
): Promise<Dovecots> {
  const [source, target] = await Promise.all([startDovecot(options.source), startDovecot(options.target)])
  let users = 0
  const addressOf = ({ port, tlsPort, certificate }: DovecotServer): Partial<ServerAddress> =>
    options.isTls ? { port: tlsPort, security: 'ssl', ca: certificate.pem } : { port }
  return {
    source,
    target,
    world(imap = {}) {
      users += 1
      const user = `user${users}`
      const connector = createImapConnector(imap)
      const accessTo = (server: DovecotServer): Access => access(addressOf(server), { login: user })
      return {
        user,
        source: outside(source, user),
        target: outside(target, user),
        openSource: (signal = new AbortController().signal) => connector.openSource(accessTo(source), signal),
        openTarget: (signal = new AbortController().signal) => connector.openTarget(accessTo(target), signal),
        [Symbol.asyncDispose]: async () => {},
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()])
    },
  }
}

function outside(server: DovecotServer, user: string): Outside {
  const inFolder = async (path: readonly string[], work: (imap: ImapWire, name: string) => Promise<unknown>) => {
    await using imap = await ImapWire.connect(server.access(user))
    const name = path.join() === 'INBOX' ? 'INBOX' : server.prefix + path.map(encodeUtf7).join(server.separator)
    await work(imap, name)
  }
  return {
    deliver: (path, ...mails) =>
      inFolder(path, async (imap, name) => {
        if (name !== 'INBOX') await imap.command([`CREATE ${quote(name)}`])
        const messages = mails.map(({ body, flags = [], receivedAt = defaultDate }) => ({
          bytes: typeof body === 'string' ? Buffer.from(body) : body,
          flags,
          receivedAt,
        }))
        await append(imap, name, messages)
      }),
    addFlag: (path, uid, flag) =>
      inFolder(path, async (imap, name) => {
        await run(imap, `SELECT ${quote(name)}`)
        await run(imap, `UID STORE ${uid} +FLAGS (${flag})`)
      }),
    expunge: (path, uid) =>
      inFolder(path, async (imap, name) => {
        await run(imap, `SELECT ${quote(name)}`)
        await run(imap, `UID STORE ${uid} +FLAGS (\\Deleted)`)
        await run(imap, `UID EXPUNGE ${uid}`)
      }),
  }
}
