/** How far a failure reaches: what is given up when it is caught. */
export type FaultScope = 'item' | 'folder' | 'mailbox' | 'endpoint' | 'store' | 'cancelled'

/** Whether trying again can help: at once, after a wait, or not before somebody changes something. */
export type FaultRetry = 'now' | 'later' | 'never'

/** Which of the two servers answered so. */
export type Side = 'source' | 'target'

interface FaultKind {
  readonly scope: FaultScope
  readonly retry: FaultRetry
  /** What it means, as an admin reads it. */
  readonly meaning: string
  /** What the admin can do about it. */
  readonly remedy: string
}

const kind = (scope: FaultScope, retry: FaultRetry, meaning: string, remedy: string): FaultKind => ({
  scope,
  retry,
  meaning,
  remedy,
})

/** Every failure that the world can cause, with its reach, its retry rule and its two sentences. */
export const faultKinds = {
  'connect.unreachable': kind('endpoint', 'later', 'The server does not answer', 'Check host, port and firewall'),
  'connect.refused-by-policy': kind('endpoint', 'never', 'The address is not allowed', 'Use another address'),
  'connect.dropped': kind('mailbox', 'later', 'The connection was lost', 'Nothing to do: it is tried again'),
  'connect.timeout': kind('mailbox', 'later', 'The server stopped answering', 'Nothing to do: it is tried again'),
  'tls.untrusted': kind(
    'endpoint',
    'never',
    'The certificate of the server is not trusted',
    'Give the CA file, or accept untrusted certificates at the endpoint',
  ),
  'tls.failed': kind('endpoint', 'later', 'No encrypted connection was possible', 'Check the security mode and port'),
  'tls.starttls-missing': kind('endpoint', 'never', 'The server offers no STARTTLS', 'Choose another security mode'),
  'sign-in.refused': kind('mailbox', 'never', 'The sign-in was refused', 'Correct the user name or password and retry'),
  'sign-in.unsupported': kind('endpoint', 'never', 'The server offers no usable sign-in', 'Check the login method'),
  'server.limit': kind('mailbox', 'later', 'The server accepts no more connections', 'Lower the concurrency'),
  'server.throttled': kind('mailbox', 'later', 'The server asks to wait', 'Nothing to do: it is tried again'),
  'server.unavailable': kind('mailbox', 'later', 'The server is not available now', 'Nothing to do: it is tried again'),
  'server.protocol': kind('mailbox', 'later', 'The server answered against the protocol', 'Look at the raw answer'),
  'server.permission': kind('folder', 'never', 'The account may not do this', 'Grant the right at the server'),
  'folder.missing': kind('folder', 'later', 'The folder is gone', 'Nothing to do: the next pass looks again'),
  'folder.refused': kind('folder', 'never', 'The target refuses the folder name', 'Rename the folder at the source'),
  'folder.unreadable': kind(
    'folder',
    'never',
    'The server does not open the folder',
    'Repair or rename it there, then retry the mailbox',
  ),
  'folder.removed-at-target': kind(
    'mailbox',
    'never',
    'A target folder was removed after its mail was copied',
    'Choose whether it is recreated or left away, then retry',
  ),
  'cursor.lost': kind('folder', 'now', 'The folder was renumbered', 'Nothing to do: it is listed again'),
  'append.refused': kind('item', 'never', 'The target refuses the message', 'See the answer of the server'),
  'append.too-large': kind('item', 'never', 'The message is larger than the target accepts', 'Raise the limit there'),
  'append.flags-lost': kind(
    'item',
    'never',
    'The target cannot keep these flags or keywords',
    'Nothing to do: the messages themselves are there',
  ),
  'append.over-quota': kind('mailbox', 'never', 'The target mailbox is full', 'Give it more room, then retry'),
  'append.unconfirmed': kind('folder', 'later', 'The target does not show what it accepted', 'It is tried again'),
  'source.corrupt': kind('item', 'never', 'The message cannot be read at the source', 'Repair it at the source'),
  'source.still-changing': kind('mailbox', 'later', 'The source still receives mail', 'Redirect mail, then complete'),
  'verify.different': kind(
    'mailbox',
    'never',
    'Source and target are not the same',
    'Look at the list of differences, then retry the mailbox',
  ),
  'endpoint.window': kind(
    'mailbox',
    'later',
    'The endpoint moves no mail at this time of the week',
    'Nothing to do: it goes on by itself. To go on now, change the working hours of the endpoint',
  ),
  'endpoint.budget': kind(
    'mailbox',
    'later',
    'The endpoint has moved all the bytes that it may move today',
    'Nothing to do: it goes on tomorrow. To go on now, raise the daily bytes of the endpoint',
  ),
  'endpoint.pace': kind(
    'mailbox',
    'later',
    'The endpoint has more mail waiting than its rate lets through',
    'Nothing to do: it goes on by itself. To go faster, raise the bytes or messages per second of the endpoint',
  ),
  'limit.bad-items': kind(
    'mailbox',
    'never',
    'More messages were unreadable or refused than the limit allows',
    'Look at the skipped items; repair them, or raise the limit of bad items, then retry the mailbox',
  ),
  'limit.large-items': kind(
    'mailbox',
    'never',
    'More messages were too large for the target than the limit allows',
    'Raise the size that the target takes, or the limit of large items, then retry the mailbox',
  ),
  'lease.lost': kind('cancelled', 'now', 'Another worker took the mailbox over', 'Nothing to do'),
  'store.failed': kind('store', 'later', 'The database cannot be written', 'Check the disk of the data folder'),
  'store.full': kind('store', 'later', 'The disk of the data folder is full', 'Free space on it'),
  cancelled: kind('cancelled', 'now', 'The work was stopped', 'Start it again'),
} as const satisfies Record<string, FaultKind>

export type FaultCode = keyof typeof faultKinds

interface FaultDetails {
  readonly cause?: unknown
  readonly side?: Side
  /** Milliseconds that the server asked us to wait. */
  readonly retryAfterMs?: number
  readonly scope?: FaultScope
  readonly retry?: FaultRetry
}

/** A failure that the world causes. Its scope and its retry rule decide what happens next, and nothing else does. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly scope: FaultScope
  readonly retry: FaultRetry
  readonly side: Side | null
  readonly retryAfterMs: number | null

  constructor(code: FaultCode, message: string, details: FaultDetails = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.scope = details.scope ?? faultKinds[code].scope
    this.retry = details.retry ?? faultKinds[code].retry
    this.side = details.side ?? null
    this.retryAfterMs = details.retryAfterMs ?? null
  }

  /** The same fault, told from one side. */
  at(side: Side): Fault {
    const { scope, retry, retryAfterMs, cause } = this
    return this.side
      ? this
      : new Fault(this.code, this.message, {
          cause,
          side,
          scope,
          retry,
          ...(retryAfterMs !== null && { retryAfterMs }),
        })
  }
}

export const isFault = (error: unknown): error is Fault => error instanceof Fault
