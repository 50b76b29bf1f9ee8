import { afterAll, beforeAll, setDefaultTimeout } from 'bun:test'
import { describeWith } from '../../support/need.ts'
import { exercise } from '../conformance.ts'
import { type Dovecots, startDovecots } from './dovecot-world.ts'

setDefaultTimeout(30_000)

const courier = { storage: 'maildir', separator: '.', prefix: 'INBOX.' } as const
/** What CAPABILITY says; the server can still do the rest, but must never be asked to. */
const little = { capability: 'IMAP4rev1 NAMESPACE UIDPLUS LITERAL+' }
const nothing = { capability: 'IMAP4rev1' }

const kinds: Readonly<Record<string, Parameters<typeof startDovecots>[0]>> = {
  Dovecot: {},
  'Dovecot over TLS': { isTls: true },
  'Dovecot with maildir, dots and a prefix': { source: courier, target: courier },
  'Dovecot that offers little': { source: little, target: little },
  'Dovecot that offers nothing': { source: nothing, target: nothing },
}

for (const [name, options] of Object.entries(kinds)) {
  describeWith('dovecot', 'openssl')(name, () => {
    let servers: Dovecots
    beforeAll(async () => {
      servers = await startDovecots(options)
    })
    afterAll(() => servers[Symbol.asyncDispose]())
    exercise(name, async () => servers.world())
  })
}
