import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkCopy } from '../check.ts'
import { measure, type Usage } from '../measure.ts'
import type { Peer, Task } from '../peers/peer.ts'
import { type ToolName, tools } from '../peers/peers.ts'
import { emptyTarget, type Mailbox } from '../stage.ts'
import type { Lane, Lap, Measured } from './lane.ts'

/** One tool copies the mailbox of the profile into an empty one; then the copy is looked at. */
export const copyLane =
  (tool: ToolName): Lane =>
  async (lap) => {
    const { stage, round } = lap
    const targetUser = `${tool}-${round}`
    const measured = await copy(lap, tool, { name: tool, mailbox: stage.mailbox, targetUser })
    await emptyTarget(stage, targetUser)
    return measured
  }

interface Copy {
  /** First word of the rows. */
  readonly name: string
  readonly mailbox: Mailbox
  readonly targetUser: string
  readonly ignoresOrder?: boolean
}

/** The passes of one tool, and the check behind them; the target's mailbox is left as it is. */
export async function copy(lap: Lap, tool: ToolName, what: Copy): Promise<readonly Measured[]> {
  const { name, mailbox, targetUser, ignoresOrder } = what
  const { stage } = lap
  const peer = tools[tool]
  const { messages, content, user: sourceUser } = mailbox
  const task = { stage, sourceUser, targetUser, folder: await toolFolder(lap, targetUser) }
  const first = await pass(lap, peer, task)
  const again = stage.profile.makesSecondPass ? [await pass(lap, peer, task)] : []
  const look = { partOf: peer.partOf, ignoresOrder }
  const { differences, examples } = await checkCopy(content, stage.target, targetUser, look)
  if (tool === 'ours') for (const example of examples) lap.tell(`  ${example}`)
  return [
    { row: `${name} copy`, messages, differences, ...first },
    ...again.map((usage) => ({ row: `${name} again`, messages, differences, ...usage })),
  ]
}

/** Where a tool keeps its state between passes. */
export async function toolFolder({ stage }: Lap, targetUser: string): Promise<string> {
  const folder = join(stage.folder, targetUser)
  await mkdir(folder, { recursive: true })
  return folder
}

/** A tool that may go on from where it failed is run again; its times are added. */
async function pass(lap: Lap, peer: Peer, task: Task): Promise<Usage> {
  const command = await peer.prepare(task)
  const log = join(lap.stage.folder, `${task.targetUser}.log`)
  const tries: Usage[] = []
  do tries.push(await measure(command, log, lap.passMsMax))
  while (tries.at(-1)?.exit !== '0' && tries.length < (peer.triesMax ?? 1))
  const exit = tries.at(-1)?.exit ?? ''
  if (exit !== '0') lap.tell(`  ${task.targetUser} ended with ${exit}: ${await lastLines(log)}`)
  return {
    wallMs: sum(tries, ({ wallMs }) => wallMs),
    cpuMs: sum(tries, ({ cpuMs }) => cpuMs),
    peakBytes: Math.max(...tries.map(({ peakBytes }) => peakBytes)),
    exit,
  }
}

async function lastLines(log: string): Promise<string> {
  const text = await Bun.file(log).text()
  return text.trim().split('\n').slice(-3).join(' / ')
}

const sum = (tries: readonly Usage[], count: (usage: Usage) => number): number =>
  tries.reduce((total, usage) => total + count(usage), 0)
