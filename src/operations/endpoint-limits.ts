import { setEndpointLimits } from '../../db/queries/endpoints.ts'
import type { Endpoint, EndpointLimits } from '../domain/endpoint.ts'
import { checkCount, findProblems } from '../domain/field.ts'
import { Refusal } from '../domain/refusal.ts'
import type { Context } from './context.ts'
import { getEndpoint } from './find.ts'

/** How much at a time: what an operator decides of an endpoint's limits. */
export type LoadLimits = Omit<EndpointLimits, 'literalBytesMax'>

/** What is wrong with them, each at its field. */
export const loadProblems = (limits: LoadLimits) => ({
  concurrentMigrationsMax: checkCount(1, 300)(limits.concurrentMigrationsMax),
  concurrentIncrementalSyncsMax:
    checkCount(1, 300)(limits.concurrentIncrementalSyncsMax) ?? checkIncrementalSyncs(limits),
  connectionsMax: checkCount(2, 1000)(limits.connectionsMax),
})

/**
 * Takes effect at once: raised, more is begun; lowered, connections that are kept between passes are closed, and what
 * runs ends before anything else begins.
 */
export async function changeEndpointLimits(
  context: Context,
  nameOrId: string | number,
  changes: Partial<LoadLimits>,
): Promise<Endpoint> {
  const { id, name, limits } = await getEndpoint(context, nameOrId)
  const { concurrentMigrationsMax, concurrentIncrementalSyncsMax, connectionsMax } = { ...limits, ...changes }
  const wanted = { concurrentMigrationsMax, concurrentIncrementalSyncsMax, connectionsMax }
  const problems = findProblems(loadProblems(wanted))
  if (problems.length > 0)
    throw new Refusal('invalid', `Cannot change the endpoint "${name}": ${problems[0]?.message}`, problems)
  await context.db.write([setEndpointLimits(context.db, id, wanted)])
  context.wake()
  return await getEndpoint(context, id)
}

const checkIncrementalSyncs = (limits: LoadLimits): string | null =>
  limits.concurrentIncrementalSyncsMax > limits.concurrentMigrationsMax
    ? 'There cannot be more concurrent incremental syncs than concurrent migrations'
    : null
