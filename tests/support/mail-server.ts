/** Where and as whom a witness connects. */
export interface ImapAccess {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Certificate to trust, PEM; clear text where absent. */
  readonly ca?: string
}

/** A running IMAP server as the tests know it, without asking it. */
export interface MailServer {
  readonly separator: string
  /** Prefix of the personal namespace, such as `INBOX.`; often empty. */
  readonly prefix: string
  access(user: string): ImapAccess
}

/** Runs `work` over `items`, at most `limit` at a time; results in the order of the items. */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length)
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item, index)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results
}
