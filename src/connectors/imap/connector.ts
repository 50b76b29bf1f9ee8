import type { Connector } from '../connector.ts'
import { createLinesAhead } from './lines-ahead.ts'
import { createLiteralDrops } from './literal-drops.ts'
import { defaultImapOptions, type ImapOptions } from './options.ts'
import { probe } from './probe.ts'
import { reach } from './reach.ts'
import { openSource } from './source.ts'
import { openTarget } from './target.ts'

/** Mailboxes behind IMAP4rev1 (RFC 3501), with whatever extensions a server offers. */
export function createImapConnector(options: Partial<ImapOptions> = {}): Connector {
  const all: ImapOptions = { ...defaultImapOptions, ahead: createLinesAhead(), drops: createLiteralDrops(), ...options }
  return {
    reach: (server, side, signal) => reach(server, side, all, signal),
    probe: (access, signal) => probe(access, all, signal),
    openSource: (access, signal) => openSource(access, all, signal),
    openTarget: (access, signal) => openTarget(access, all, signal),
  }
}
