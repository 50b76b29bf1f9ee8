import { copyLane } from './lanes/copy.ts'
import type { Lane, Lap, Measured } from './lanes/lane.ts'
import { lanes } from './lanes/lanes.ts'
import { type PeerName, tools } from './peers/peers.ts'
import type { Profile } from './profiles.ts'
import { openStage } from './stage.ts'
import type { Rounds } from './verdicts.ts'

export interface RunOptions {
  readonly rounds: number
  /** Other peers of the profile are left out. */
  readonly peers: readonly PeerName[]
  readonly passMsMax: number
  readonly diskFolder: string
  /** Takes a line for whoever waits. */
  readonly tell: (text: string) => void
}

/** Ours, the peers that are there and the other lanes of a profile in turn, round by round. */
export async function runProfile(
  profile: Profile,
  options: RunOptions,
): Promise<{ readonly rounds: Rounds; readonly notRun: Readonly<Record<string, string>> }> {
  const wanted = profile.peers.filter((peer) => options.peers.includes(peer))
  const notRun = Object.fromEntries(
    wanted.flatMap((peer) => {
      const why = tools[peer].absence()
      return why === null ? [] : [[peer, why]]
    }),
  )
  const present = wanted.filter((peer) => !Object.hasOwn(notRun, peer))
  await using stage = await openStage(profile, options.diskFolder)
  using interruption = onInterruption(() => stage[Symbol.asyncDispose]())
  const all: readonly (readonly [string, Lane])[] = [
    ...(['ours', ...present] as const).map((tool) => [`${tool} copy`, copyLane(tool)] as const),
    ...(profile.lanes ?? []).map((name) => [`ours ${name}`, lanes[name]] as const),
  ]
  const rounds: Measured[][] = []
  for (let round = 1; round <= options.rounds; round += 1) {
    const measured: Measured[] = []
    rounds.push(measured)
    for (const [row, lane] of all) {
      measured.push(...(await runLane(row, lane, { ...options, stage, round })))
      await interruption.pass()
    }
  }
  return { rounds, notRun }
}

/** Servers and what they hold do not stay behind when somebody ends the run; nothing is reported of it then. */
function onInterruption(clear: () => PromiseLike<void>) {
  let isOver = false
  const leave = () => {
    isOver = true
    void clear().then(() => process.exit(130))
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.once(signal, leave)
  return {
    /** Never resolves once the run is being ended. */
    pass: () => (isOver ? new Promise<never>(() => {}) : Promise.resolve()),
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, leave)
    },
  }
}

/** What cannot be measured is a row that says why; the others go on. */
async function runLane(row: string, lane: Lane, lap: Lap): Promise<readonly Measured[]> {
  const failed = { row, messages: 0, differences: '', wallMs: Number.NaN, cpuMs: Number.NaN, peakBytes: 0 }
  const measured = await lane(lap).catch((error: unknown) => [{ ...failed, exit: `${error}`.split('\n')[0] ?? '' }])
  for (const one of measured) tellOf(lap, one)
  return measured
}

function tellOf({ tell, round }: Lap, one: Measured): void {
  const figures = `${(one.wallMs / 1000).toFixed(2)} s, CPU ${(one.cpuMs / 1000).toFixed(2)} s, ${Math.round(one.peakBytes / 1e6)} MB`
  const others = [one.exit === '0' ? '' : one.exit, one.differences].filter(Boolean).map((text) => `, ${text}`)
  tell(`  ${round} ${one.row.padEnd(24)} ${figures}${others.join('')}`)
}
