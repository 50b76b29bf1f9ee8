import { goOnUnderCaps } from '../../db/queries/endpoint-use.ts'
import { setEndpointLimits } from '../../db/queries/endpoints.ts'
import type { Endpoint } from '../domain/endpoint.ts'
import { type Load, loadNames } from '../domain/endpoint-presets.ts'
import { findProblems } from '../domain/field.ts'
import { Refusal } from '../domain/refusal.ts'
import type { Context } from './context.ts'
import { loadProblems } from './endpoint-checks.ts'
import { getEndpoint } from './find.ts'

/** What is given of how much moves at an endpoint; of all else nothing. */
export const loadOf = (given: Partial<Load>): Partial<Load> =>
  Object.fromEntries(loadNames.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]))

/** How much moves at an endpoint, as it stands. */
export function loadNow({ limits: { literalBytesMax: _, ...limits }, caps }: Endpoint): Load {
  return { ...limits, ...caps }
}

/**
 * Takes effect at once: raised, more is begun; lowered, connections that are kept between passes are closed, and what
 * runs ends before anything else begins. Who waited for a cap is looked at again.
 */
export async function changeEndpointLimits(
  context: Context,
  nameOrId: string | number,
  changes: Partial<Load>,
): Promise<Endpoint> {
  const { db, clock } = context
  const endpoint = await getEndpoint(context, nameOrId)
  const wanted = { ...loadNow(endpoint), ...loadOf(changes) }
  const problems = findProblems(loadProblems(wanted))
  if (problems.length > 0)
    throw new Refusal('invalid', `Cannot change the endpoint "${endpoint.name}": ${problems[0]?.message}`, problems)
  await db.write([setEndpointLimits(db, endpoint.id, wanted), ...goOnUnderCaps(db, endpoint.id, clock.now())])
  context.wake()
  return await getEndpoint(context, endpoint.id)
}
