import type { MailSource, MailTarget } from '../../src/connectors/connector.ts'

export interface Mail {
  readonly body: string | Uint8Array
  readonly flags?: readonly string[]
  /** Canonical INTERNALDATE in +0000. */
  readonly receivedAt?: string
}

/** What other programs do to a mailbox meanwhile. */
export interface Outside {
  /** Makes the folder where it is missing. */
  deliver(path: readonly string[], ...mails: readonly Mail[]): Promise<void>
  addFlag(path: readonly string[], uid: number, flag: string): Promise<void>
  expunge(path: readonly string[], uid: number): Promise<void>
}

/** Two mailboxes, and who looks at them from outside. */
export interface World extends AsyncDisposable {
  readonly source: Outside
  readonly target: Outside
  openSource(signal?: AbortSignal): Promise<MailSource>
  openTarget(signal?: AbortSignal): Promise<MailTarget>
}

export const defaultDate = '01-Jan-2026 10:00:00 +0000'
