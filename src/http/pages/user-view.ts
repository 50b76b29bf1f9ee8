import type { UserView } from '../../../views/batches/users.tsx'
import { userStatuses } from '../../domain/status.ts'
import type { UserQuery } from '../../operations/users.ts'
import type { Ctx } from '../environment.ts'

const pageUsers = 50

/** Which users of a batch are looked at, as the address says it; what makes no sense there is passed over. */
export function userView(c: Ctx): UserView {
  const status = userStatuses.find((known) => known === c.req.query('status')) ?? null
  return { status, cursor: c.req.query('cursor') || null, isLive: c.req.query('live') !== 'off' }
}

export function userQuery(c: Ctx): UserQuery {
  const { status, cursor } = userView(c)
  return { status, cursor, limit: pageUsers }
}
