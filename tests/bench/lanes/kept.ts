import { type BatchView, isMoving, until } from '../../e2e/api.ts'
import { startServer } from '../../e2e/server.ts'
import { createBatch, createEndpoints, startSync } from '../../e2e/world.ts'
import { checkCopy } from '../check.ts'
import { cpuMsOf } from '../measure.ts'
import { csvOf } from '../peers/ours.ts'
import { emptyTarget } from '../stage.ts'
import { median } from '../statistics.ts'
import { toolFolder } from './copy.ts'
import type { Lane } from './lane.ts'

const passesCount = 5

/**
 * Passes with nothing new in a running server, from the request to the answer that says that the batch rests. The first
 * copy and one further pass go ahead, so that connections which a server keeps are there.
 */
export const keptLane: Lane = async (lap) => {
  const { stage, round, passMsMax: withinMs } = lap
  const targetUser = `kept-${round}`
  await using server = await startServer(await toolFolder(lap, targetUser))
  const { api, proc } = server
  const pass = async () => {
    const startedAt = performance.now()
    await startSync(api, 'bench')
    await until(
      'the batch rests',
      async () => {
        const view = await api.get<BatchView>('/batches/bench')
        return isMoving(view) ? null : view
      },
      { everyMs: 1, withinMs },
    )
    return performance.now() - startedAt
  }
  await createEndpoints(api, { source: { port: stage.sourcePort }, target: { port: stage.targetPort } })
  await createBatch(api, 'bench', csvOf([{ sourceUser: stage.mailbox.user, targetUser }]))
  await pass()
  await pass()
  const before = cpuMsOf(proc.pid)
  const times: number[] = []
  for (let at = 0; at < passesCount; at += 1) times.push(await pass())
  const usage = { cpuMs: (cpuMsOf(proc.pid) - before) / passesCount, peakBytes: proc.memory().peakBytes, exit: '0' }
  const { status } = await api.get<BatchView>('/batches/bench')
  const { differences } = await checkCopy(stage.mailbox.content, stage.target, targetUser)
  await emptyTarget(stage, targetUser)
  const found = status === 'synced' ? differences : `the batch is ${status}; ${differences}`
  return [{ row: 'ours kept', messages: stage.mailbox.messages, differences: found, wallMs: median(times), ...usage }]
}
