import { adminPasswordPlace } from '../../db/queries/endpoints.ts'
import { passwordPlace } from '../../db/queries/users.ts'
import type { Work } from '../../db/queries/work.ts'
import type { MailReader } from '../connectors/connector.ts'
import { accessTo, pairOf } from '../domain/access.ts'
import type { Access } from '../domain/endpoint.ts'
import { Fault, isFault, type Side } from '../domain/fault.ts'
import type { Job, JobControl } from '../domain/job.ts'
import type { MailboxPair, PassContext } from '../engine/pass.ts'
import type { JobContext } from './context.ts'
import { furtherPairs, type HeldPair } from './further-pairs.ts'
import { type HeldSession, openFurtherSession, openSession, type SessionContext, type Wanted } from './open-session.ts'
import { type Flow, pacedPair, waysOf } from './paced-pair.ts'

/** Both ends of a user, opened. */
export type Mailboxes = MailboxPair & Pick<PassContext, 'openPair'>

/** A job that was queued before its user was given another target holds the wrong lock, and gets the right one in the queue. */
export function refuseOldLock({ lock }: Job, { source, target, user }: Work): void {
  if (lock === pairOf(source, target, user).target) return
  throw new Fault('cancelled', `Cannot go on with "${user.emailAddress}": its target was changed`)
}

type Context = SessionContext & Pick<JobContext, 'connectors' | 'vault' | 'meters'>
type Control = Pick<JobControl, 'signal' | 'reached' | 'spare'>

/**
 * Opens both, or neither, for as long as they are used. Faults tell their side, these and all that the sessions raise.
 * Nobody signs in where no mail may move now. `isLast`: nothing is kept for another pass.
 */
export async function withMailboxes<T>(
  context: Context,
  work: Work,
  control: Control,
  use: (mailboxes: Mailboxes) => Promise<T>,
  isLast = false,
  flow: Flow = 'copy',
): Promise<T> {
  const ways = waysOf(context.meters, work, flow)
  const ends = await wantedEnds(context, work, control)
  const pair = pacedPair(
    await openBoth(openFirst(context, ends.source, control), openFirst(context, ends.target, control)),
    ways,
    control.signal,
  )
  const first = { source: pair.source.session, target: pair.target.session }
  const further = furtherPairs(first, control, async (signal) =>
    pacedPair(
      await openBoth(
        openFurtherSession(context, { ...ends.source, signal }),
        openFurtherSession(context, { ...ends.target, signal }),
      ),
      ways,
      signal,
    ),
  )
  let mayBeKept = !isLast
  try {
    return await use({ ...first, openPair: further.open })
  } catch (error) {
    mayBeKept &&= isFault(error) && (error.scope === 'folder' || error.scope === 'item')
    throw error
  } finally {
    await Promise.all([further.close(), pair.source.end(mayBeKept), pair.target.end(mayBeKept)])
  }
}

interface Ends {
  readonly source: Wanted<MailboxPair['source']>
  readonly target: Wanted<MailboxPair['target']>
}

async function wantedEnds(context: Context, work: Work, { signal }: Control): Promise<Ends> {
  const { connectors } = context
  const { user, source, target } = work
  const [sourceAccess, targetAccess] = await Promise.all([
    accessOf(context, work, 'source'),
    accessOf(context, work, 'target'),
  ])
  const who = { batchId: user.batchId, userId: user.id }
  return {
    source: {
      side: 'source',
      signIn: { ...who, endpointId: source.id, access: sourceAccess },
      signal,
      open: connectors[source.protocol].openSource,
    },
    target: {
      side: 'target',
      signIn: { ...who, endpointId: target.id, access: targetAccess },
      signal,
      open: connectors[target.protocol].openTarget,
    },
  }
}

async function openFirst<Session extends MailReader>(
  context: Context,
  wanted: Wanted<Session>,
  { reached }: Control,
): Promise<HeldSession<Session>> {
  const held = await openSession(context, wanted)
  reached(wanted.signIn.endpointId)
  return held
}

async function openBoth(
  openingSource: Promise<HeldPair['source']>,
  openingTarget: Promise<HeldPair['target']>,
): Promise<HeldPair> {
  const [source, target] = await Promise.allSettled([openingSource, openingTarget])
  if (source.status === 'fulfilled' && target.status === 'fulfilled')
    return { source: source.value, target: target.value }
  if (source.status === 'fulfilled') await source.value.end(false)
  if (target.status === 'fulfilled') await target.value.end(false)
  throw source.status === 'rejected' ? source.reason : Reflect.get(target, 'reason')
}

/** Unsealed for this session alone. */
async function accessOf({ vault }: Pick<JobContext, 'vault'>, work: Work, side: Side): Promise<Access> {
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
  const message = `Cannot sign in as "${mailbox.userName}": no password is known`
  throw new Fault('sign-in.refused', message, { side })
}
