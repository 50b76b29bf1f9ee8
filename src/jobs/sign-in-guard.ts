import { createHash } from 'node:crypto'
import type { Access } from '../domain/endpoint.ts'
import { Fault, isFault } from '../domain/fault.ts'
import type { Clock } from '../platform/clock.ts'

/** Who signs in where. */
export interface SignIn {
  readonly endpointId: number
  readonly batchId: number
  readonly userId: number
  readonly access: Access
}

/**
 * Keeps us polite: an account that was refused is tried at most twice an hour, and an endpoint that refused five accounts
 * within a minute gets no sign-ins for five minutes, then one. No server shall lock anybody out because of us.
 */
export interface SignInGuard {
  /** Opens, or throws `sign-in.refused` without opening where a try would be impolite. */
  open<T>(signIn: SignIn, open: () => Promise<T>): Promise<T>
  /**
   * The same for one more connection of an account that has one. After a failure none is tried at that endpoint for ten
   * minutes: it throws `server.limit` then.
   */
  openFurther<T>(signIn: SignIn, open: () => Promise<T>): Promise<T>
  /**
   * A password was changed, or an operator wants a try: what was refused to a batch, or to one user of it, is forgotten.
   * Tells the endpoints whose pause ends by that.
   */
  forgive(what: { readonly batchId: number; readonly userId?: number }): readonly number[]
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const triesMax = 2
const refusedAccountsMax = 5
const pauseMs = 5 * minuteMs
/** So many single tries, each after a pause, without a success: the others fail too, and wait for a person. */
const probesMax = 3
const noFurtherMs = 10 * minuteMs

/** Refusals of one account; times are monotonic. */
interface Refused {
  readonly endpointId: number
  readonly userIds: Set<number>
  readonly batchIds: Set<number>
  times: readonly number[]
}

/** An endpoint that gets no sign-ins until then, and afterwards one at a time. */
interface Pause {
  until: number
  probes: number
  isProbing: boolean
  /** Batches that were refused or turned away: an operator's retry of any of them ends the pause. */
  readonly batchIds: Set<number>
}

export function createSignInGuard(clock: Clock): SignInGuard {
  const accounts = new Map<string, Refused>()
  const pauses = new Map<number, Pause>()
  /** Until when an endpoint is not asked for further connections. */
  const noFurther = new Map<number, number>()

  const checkAccount = ({ access }: SignIn, account: string): void => {
    if ((accounts.get(account)?.times.length ?? 0) >= triesMax) throw refusedTooOften(access)
  }

  const checkPause = ({ endpointId, batchId }: SignIn): Pause | null => {
    const pause = pauses.get(endpointId) ?? null
    if (pause === null) return null
    pause.batchIds.add(batchId)
    if (pause.probes >= probesMax) throw pausedFor(null)
    const leftMs = pause.until - clock.monotonic()
    if (leftMs > 0 || pause.isProbing) throw pausedFor(Math.max(leftMs, minuteMs))
    return pause
  }

  const remember = ({ endpointId, userId, batchId }: SignIn, account: string): void => {
    const known = accounts.get(account) ?? { endpointId, userIds: new Set(), batchIds: new Set(), times: [] }
    known.times = [...known.times, clock.monotonic()]
    known.userIds.add(userId)
    known.batchIds.add(batchId)
    accounts.set(account, known)
  }

  const pauseIfMany = ({ endpointId, batchId }: SignIn, probe: Pause | null): void => {
    const since = clock.monotonic() - minuteMs
    const refused = [...accounts.values()].filter((known) => known.endpointId === endpointId)
    const lately = refused.filter(({ times }) => times.some((time) => time >= since)).length
    if (probe === null && lately < refusedAccountsMax) return
    const { probes, batchIds } = pauses.get(endpointId) ?? { probes: 0, batchIds: new Set<number>() }
    const until = clock.monotonic() + pauseMs
    pauses.set(endpointId, {
      until,
      probes: probes + (probe ? 1 : 0),
      isProbing: false,
      batchIds: batchIds.add(batchId),
    })
  }

  const guard: SignInGuard = {
    async open(signIn, open) {
      forgetOld(accounts, pauses, clock.monotonic() - hourMs)
      const account = accountOf(signIn)
      checkAccount(signIn, account)
      const probe = checkPause(signIn)
      if (probe) probe.isProbing = true
      try {
        const opened = await open()
        accounts.delete(account)
        pauses.delete(signIn.endpointId)
        return opened
      } catch (error) {
        if (probe) probe.isProbing = false
        if (isFault(error) && error.code === 'sign-in.refused') {
          remember(signIn, account)
          pauseIfMany(signIn, probe)
        }
        throw error
      }
    },
    async openFurther(signIn, open) {
      const { endpointId } = signIn
      if ((noFurther.get(endpointId) ?? 0) > clock.monotonic())
        throw new Fault('server.limit', 'Cannot open a further connection: the server did not take one lately')
      try {
        return await guard.open(signIn, open)
      } catch (error) {
        const isCancelled = isFault(error) && error.scope === 'cancelled'
        if (!isCancelled) noFurther.set(endpointId, clock.monotonic() + noFurtherMs)
        throw error
      }
    },
    forgive({ batchId, userId }) {
      const isForgiven = ({ userIds, batchIds }: Refused) =>
        userId === undefined ? batchIds.has(batchId) : userIds.has(userId)
      for (const [account, refused] of accounts) if (isForgiven(refused)) accounts.delete(account)
      const ended = [...pauses].filter(([, { batchIds }]) => batchIds.has(batchId)).map(([endpointId]) => endpointId)
      for (const endpointId of ended) pauses.delete(endpointId)
      return ended
    },
  }
  return guard
}

function forgetOld(accounts: Map<string, Refused>, pauses: Map<number, Pause>, since: number): void {
  for (const [account, known] of accounts) {
    known.times = known.times.filter((time) => time > since)
    if (known.times.length === 0) accounts.delete(account)
  }
  for (const [endpointId, { until }] of pauses) if (until < since) pauses.delete(endpointId)
}

/** With its password, so that another one makes another account; as a hash, so that no password lies about. */
const accountOf = ({ endpointId, access: { login, authzid, password } }: SignIn): string =>
  createHash('sha256')
    .update(JSON.stringify([endpointId, login, authzid, password]))
    .digest('base64url')

const refusedTooOften = ({ login }: Access): Fault =>
  new Fault(
    'sign-in.refused',
    `Cannot sign in as "${login}": refused ${triesMax} times within the last hour, not tried again before a change or a retry`,
  )

/** Null: for good, until somebody asks for a retry. */
const pausedFor = (leftMs: number | null): Fault =>
  new Fault('sign-in.refused', 'Cannot sign in: the server refused many accounts in a short time', {
    scope: 'endpoint',
    ...(leftMs === null ? { retry: 'never' } : { retry: 'later', retryAfterMs: leftMs }),
  })
