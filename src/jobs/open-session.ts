import type { MailReader } from '../connectors/connector.ts'
import { sided } from '../connectors/sided.ts'
import type { Access } from '../domain/endpoint.ts'
import { isFault, type Side } from '../domain/fault.ts'
import type { Folder } from '../domain/mail.ts'
import { amended } from './amended.ts'
import type { JobContext } from './context.ts'
import { closeSession, type Place, type SessionOwner } from './kept-sessions.ts'
import type { SignIn, SignInGuard } from './sign-in-guard.ts'

/** What opening a session needs of a job's context. */
export type SessionContext = Pick<JobContext, 'guard' | 'kept' | 'sessionKey'>

/** A session in the hands of a job. */
export interface HeldSession<Session extends MailReader> {
  /** Its faults tell their side. */
  readonly session: Session
  /** Kept for another pass where that is wished and nothing speaks against it, else closed. Never throws. */
  end(mayBeKept: boolean): Promise<void>
}

/** Whose mailbox a job wants to have open. */
export interface Wanted<Session extends MailReader> {
  readonly side: Side
  readonly signIn: SignIn
  /** The job's: cuts the connection when it aborts, as long as the job has it. */
  readonly signal: AbortSignal
  /** Its signal is for this session alone, which may outlive the job. */
  readonly open: (access: Access, signal: AbortSignal) => Promise<Session>
}

/** Takes up the session that was kept from an earlier pass, else signs in. */
export async function openSession<Session extends MailReader>(
  context: SessionContext,
  wanted: Wanted<Session>,
): Promise<HeldSession<Session>> {
  return (await takeUp(context, wanted)) ?? (await connect(context, wanted, context.guard.open))
}

/** One more for a mailbox that is open already. */
export const openFurtherSession = <Session extends MailReader>(
  context: SessionContext,
  wanted: Wanted<Session>,
): Promise<HeldSession<Session>> => connect(context, wanted, context.guard.openFurther)

/**
 * Whether a session is still alive shows its first listing, which every pass begins with: a server that has ended it
 * meanwhile is nobody's fault, and nothing else was asked of it.
 */
async function takeUp<Session extends MailReader>(
  context: SessionContext,
  wanted: Wanted<Session>,
): Promise<HeldSession<Session> | null> {
  const taken = context.kept.take(ownerOf(context, wanted))
  if (taken === null) return null
  // The side is part of the key.
  const session = taken.session as Session
  const held = hold(context, wanted, taken.place, session)
  try {
    return { ...held, session: withListing(held.session, await session.listFolders()) }
  } catch (error) {
    session.destroy()
    await held.end(false)
    if (wanted.signal.aborted) throw isFault(error) ? error.at(wanted.side) : error
    return null
  }
}

/** The session, which answers the first request for its folders with what it told just now. */
function withListing<Session extends MailReader>(session: Session, folders: readonly Folder[]): Session {
  let told: readonly Folder[] | null = folders
  return amended(session, {
    async listFolders() {
      const listing = told ?? (await session.listFolders())
      told = null
      return listing
    },
  })
}

async function connect<Session extends MailReader>(
  context: SessionContext,
  wanted: Wanted<Session>,
  guarded: SignInGuard['open'],
): Promise<HeldSession<Session>> {
  const { side, signIn, signal, open } = wanted
  const cut = new AbortController()
  const release = onAbort(signal, () => cut.abort(signal.reason))
  const place = await context.kept.enter(ownerOf(context, wanted))
  try {
    return hold(context, wanted, place, await guarded(signIn, () => open(signIn.access, cut.signal)))
  } catch (error) {
    context.kept.leave(place)
    throw isFault(error) ? error.at(side) : error
  } finally {
    release()
  }
}

function hold<Session extends MailReader>(
  { kept }: SessionContext,
  { signal, side }: Wanted<Session>,
  place: Place,
  session: Session,
): HeldSession<Session> {
  const release = onAbort(signal, () => session.destroy())
  return {
    session: sided(session, side),
    async end(mayBeKept) {
      release()
      if (mayBeKept && kept.isKeeping && !signal.aborted && session.rest()) return await kept.keep(place, session)
      await closeSession(session)
      kept.leave(place)
    },
  }
}

function ownerOf<Session extends MailReader>(
  { sessionKey }: SessionContext,
  { side, signIn: { endpointId, batchId, userId, access } }: Wanted<Session>,
): SessionOwner {
  return { key: sessionKey({ side, endpointId, access }), endpointId, batchId, userId }
}

/** Returns how to stop listening. */
function onAbort(signal: AbortSignal, abort: () => void): () => void {
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return () => signal.removeEventListener('abort', abort)
}
