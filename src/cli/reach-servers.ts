import type { Connectors } from '../app.ts'
import { type FaultCode, faultKinds, isFault, type Side } from '../domain/fault.ts'
import { type NewEndpoint, serverOf } from '../operations/endpoints.ts'
import { exitOfFault } from './exit-codes.ts'
import { Failure } from './failure.ts'
import type { MigrationPlan } from './migration-plan.ts'

/**
 * Connects to both servers, for the first mailbox to go on from there. One that cannot be reached at all is told at once,
 * not after the patience that a running mailbox deserves.
 */
export async function reachServers(
  { imap }: Connectors,
  { source, target }: Pick<MigrationPlan, Side>,
  signal: AbortSignal,
): Promise<void> {
  const reach = (endpoint: NewEndpoint, side: Side) =>
    imap.reach(serverOf(endpoint), side, signal).catch((fault: unknown) => tell(fault, side))
  await Promise.all([reach(source, 'source'), reach(target, 'target')])
}

/** What is wrong with a sign-in alone is for the mailboxes to tell. */
function tell(fault: unknown, side: Side): void {
  if (!isFault(fault) || fault.code === 'cancelled') throw fault
  if (fault.code.startsWith('sign-in.')) return
  const exit = exitOfFault(fault.code, side) ?? 'unexpected'
  const remedy = remedies[fault.code]?.(side) ?? faultKinds[fault.code].remedy
  throw new Failure(exit, `Cannot reach the ${side}: ${fault.message}`, [remedy], fault)
}

/** There are options here where a server has endpoints. */
const remedies: { readonly [C in FaultCode]?: (side: Side) => string } = {
  'tls.untrusted': (side) =>
    `Name the file of its authority with --${side}-ca, or give --accept-untrusted-certificates ${side}`,
  'tls.starttls-missing': () => 'Give an address with imaps://',
  'tls.failed': () => 'Check the port, and whether the address begins with imaps:// or imap+starttls://',
}
