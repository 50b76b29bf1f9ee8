import { adminPasswordPlace } from '../../db/queries/endpoints.ts'
import { passwordPlace } from '../../db/queries/users.ts'
import type { Work } from '../../db/queries/work.ts'
import type { MailReader, MailSource, MailTarget } from '../connectors/connector.ts'
import { sided } from '../connectors/sided.ts'
import { accessTo, pairOf } from '../domain/access.ts'
import type { Access } from '../domain/endpoint.ts'
import { Fault, isFault, type Side } from '../domain/fault.ts'
import type { Job, JobControl } from '../domain/job.ts'
import type { JobContext } from './context.ts'

/** Both ends of a user, opened. */
export interface Mailboxes extends AsyncDisposable {
  readonly source: MailSource
  readonly target: MailTarget
}

/** A job that was queued before its user was given another target holds the wrong lock, and gets the right one in the queue. */
export function refuseOldLock({ lock }: Job, { source, target, user }: Work): void {
  if (lock === pairOf(source, target, user).target) return
  throw new Fault('cancelled', `Cannot go on with "${user.emailAddress}": its target was changed`)
}

type Control = Pick<JobControl, 'signal' | 'reached'>

/** Opens both, or neither. Faults tell their side, these and all that the sessions raise later. */
export async function openMailboxes(context: JobContext, work: Work, control: Control): Promise<Mailboxes> {
  const { connectors } = context
  const [source, target] = await Promise.allSettled([
    openSide(context, work, 'source', control, (access) =>
      connectors[work.source.protocol].openSource(access, control.signal),
    ),
    openSide(context, work, 'target', control, (access) =>
      connectors[work.target.protocol].openTarget(access, control.signal),
    ),
  ])
  if (source.status === 'fulfilled' && target.status === 'fulfilled') return both(source.value, target.value)
  if (source.status === 'fulfilled') await source.value[Symbol.asyncDispose]()
  if (target.status === 'fulfilled') await target.value[Symbol.asyncDispose]()
  throw source.status === 'rejected' ? source.reason : Reflect.get(target, 'reason')
}

async function openSide<Session extends MailReader>(
  context: JobContext,
  work: Work,
  side: Side,
  control: Control,
  open: (access: Access) => Promise<Session>,
): Promise<Session> {
  const { user, [side]: endpoint } = work
  try {
    const access = await accessOf(context, work, side)
    const signIn = { endpointId: endpoint.id, batchId: user.batchId, userId: user.id, access }
    const session = await context.guard.open(signIn, () => open(access))
    control.reached(endpoint.id)
    return sided(session, side)
  } catch (error) {
    throw isFault(error) ? error.at(side) : error
  }
}

/** Unsealed for this session alone. */
async function accessOf({ vault }: JobContext, work: Work, side: Side): Promise<Access> {
  const { user, [side]: endpoint } = work
  const { [side]: sealed, [`${side}Admin` as const]: sealedAdmin } = work.sealed
  const password = sealed && (await vault.open(sealed, passwordPlace(user.batchId, user.emailAddress, side)))
  const adminPassword = sealedAdmin && (await vault.open(sealedAdmin, adminPasswordPlace(endpoint.name)))
  const mailbox =
    side === 'source'
      ? { userName: user.sourceUserName, password, userRoot: user.userRoot }
      : { userName: user.targetUserName, password, userRoot: null }
  const access = accessTo(endpoint, mailbox, adminPassword)
  if (access !== null) return access
  throw new Fault('sign-in.refused', `Cannot sign in as "${mailbox.userName}": no password is known`)
}

const both = (source: MailSource, target: MailTarget): Mailboxes => ({
  source,
  target,
  [Symbol.asyncDispose]: async () => {
    await Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()])
  },
})
