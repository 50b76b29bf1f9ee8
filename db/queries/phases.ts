import { eq, type Placeholder, type SQL, sql } from 'drizzle-orm'
import type { UserPhase } from '../../src/domain/user.ts'
import type { Database, Statement } from '../client.ts'
import { type Places, prepared } from '../prepared.ts'
import { users } from '../schema/users.ts'

type Now = number | Placeholder<string, number>

const sums = { queued: 'queuedMs', inProgress: 'inProgressMs', synced: 'syncedMs', stalled: 'stalledMs' } as const

/** Columns to set that end the phase a user is in, and begin another; null: none that is counted. */
export function enterPhase(phase: UserPhase | null | SQL, now: Now) {
  const spent = (name: UserPhase): SQL<number> => {
    const sum = users[sums[name]]
    return sql<number>`${sum} + case when ${users.phase} = ${name} then max(0, ${now} - ${users.phaseSince}) else 0 end`
  }
  return {
    phase: phase === null ? sql`null` : sql`${phase}`,
    phaseSince: sql<number>`${now}`,
    queuedMs: spent('queued'),
    inProgressMs: spent('inProgress'),
    syncedMs: spent('synced'),
    stalledMs: spent('stalled'),
  }
}

interface Move {
  readonly userId: number
  readonly phase: UserPhase | null
  readonly now: number
}

/** The same for one user; a synced one has had its initial sync. */
export const moveToPhase = (db: Database, move: Move): Statement => setPhase(db, move)

const setPhase = prepared((query, { userId, phase, now }: Places<Move>) =>
  query
    .update(users)
    .set({
      ...enterPhase(sql`${phase}`, now),
      initialSyncedAt: sql`case when ${phase} = 'synced' then coalesce(${users.initialSyncedAt}, ${now}) else ${users.initialSyncedAt} end`,
    })
    .where(eq(users.id, userId)),
)
