import { Refusal } from '../domain/refusal.ts'
import type { Context } from '../operations/context.ts'
import { checkGiven } from './check.ts'
import type { CmdletObject, Given } from './cmdlet.ts'
import { batchRuns } from './runs/batches.ts'
import { endpointRuns } from './runs/endpoints.ts'
import { summaryRuns } from './runs/summaries.ts'
import { userRuns } from './runs/users.ts'
import { findCmdlet } from './table.ts'

/** Does what a cmdlet says, and gives what it puts out. */
export type Run = (context: Context, given: Given) => Promise<readonly CmdletObject[]>

/** By the cmdlet's name. */
const runs: Readonly<Record<string, Run>> = { ...batchRuns, ...userRuns, ...endpointRuns, ...summaryRuns }

/** Runs one cmdlet with what was sent. Raises the Refusal of the operation behind it, or one for what it cannot take. */
export async function runCmdlet(
  context: Context,
  name: string,
  sent: Readonly<Record<string, unknown>>,
): Promise<readonly CmdletObject[]> {
  const cmdlet = findCmdlet(name)
  const run = cmdlet && runs[cmdlet.name]
  if (!cmdlet || !run) throw new Refusal('not-found', `There is no cmdlet ${name}`)
  return await run(context, checkGiven(cmdlet, sent))
}
