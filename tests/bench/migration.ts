/**
 * `bun tests/bench/migration.ts [USERS [MESSAGES]]`: moves mailboxes between two Dovecots through the API, to an empty
 * and to a half filled target, each with a second pass and a pass with ten changes. Every copy is checked by reading both
 * servers. Prints Markdown; ends with 1 when memory or answer times are over their budget.
 */
import { readdir, stat } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { settled, sumOf, usersOf } from '../e2e/api.ts'
import { changeMailboxes } from '../e2e/arrivals.ts'
import { quantile, watchPages } from '../e2e/measure.ts'
import { type Server, signIn, startServer } from '../e2e/server.ts'
import { createEndpoints, csvFor, endpoint, startSync, startWorld, userNames } from '../e2e/world.ts'
import { expectSame } from '../support/checker.ts'
import { startDovecot } from '../support/dovecot.ts'
import type { MailServer } from '../support/mail-server.ts'
import { type SeedPlan, seed, seedHalf } from '../support/seed.ts'
import { cpuMsOf } from './measure.ts'

const residentBytesMax = 300e6
const answerMsMax = 100
const [usersCount = 200, messagesPerUser = 100] = process.argv.slice(2).map(Number)

interface Measured {
  readonly pass: string
  readonly copied: number
  readonly flagsChanged: number
  readonly wallMs: number
  readonly cpuMs: number
  readonly answers: ReadonlyMap<string, readonly number[]>
}

async function measurePass(server: Server, cookie: string, batch: string, pass: string): Promise<Measured> {
  const { api, proc, address } = server
  const { id } = await api.get<{ id: number }>(`/batches/${batch}`)
  const watch = watchPages(address, cookie, ['/batches', `/batches/${id}`, `/api/v1/batches/${id}`])
  const before = { at: performance.now(), cpuMs: cpuMsOf(proc.pid) }
  await startSync(api, batch)
  const { status } = await settled(api, batch, { withinMs: 1_800_000 })
  const after = { at: performance.now(), cpuMs: cpuMsOf(proc.pid) }
  if (status !== 'synced') throw new Error(`The batch ${batch} is ${status}`)
  const users = await usersOf(api, batch)
  return {
    pass: `${batch}: ${pass}`,
    copied: sumOf(users, (progress) => progress.copiedLastPass),
    flagsChanged: sumOf(users, (progress) => progress.flagsChangedLastPass),
    wallMs: after.at - before.at,
    cpuMs: after.cpuMs - before.cpuMs,
    answers: await watch.stop(),
  }
}

const line = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
const seconds = (ms: number): string => (ms / 1000).toFixed(1)
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)

function tell(measured: readonly Measured[]): void {
  console.log(line('pass', 'copied', 'flags', 'wall s', 'messages/s', 'CPU s', 'answers', 'p50 ms', 'p95 ms', 'max ms'))
  console.log(line(...Array<string>(10).fill('---')))
  for (const { pass, copied, flagsChanged, wallMs, cpuMs, answers } of measured) {
    const all = allOf(answers)
    const rate = Math.round((copied * 1000) / wallMs)
    const times = [0.5, 0.95, 1].map((share) => quantile(all, share).toFixed(1))
    console.log(line(pass, copied, flagsChanged, seconds(wallMs), rate, seconds(cpuMs), all.length, ...times))
  }
  console.log(`\n${line('page, over all passes', 'answers', 'p50 ms', 'p95 ms')}\n${line('---', '---', '---', '---')}`)
  for (const [path, all] of byPath(measured)) {
    console.log(line(path, all.length, quantile(all, 0.5).toFixed(1), quantile(all, 0.95).toFixed(1)))
  }
}

const ascending = (times: readonly number[]): readonly number[] => [...times].sort((a, b) => a - b)
const allOf = (answers: Measured['answers']): readonly number[] => ascending([...answers.values()].flat())

/** The number of the batch left out of the path. */
function byPath(measured: readonly Measured[]): ReadonlyMap<string, readonly number[]> {
  const times = measured.flatMap(({ answers }) => [...answers]).map(([path, all]) => [path.replace(/\d+$/, 'ID'), all])
  const groups = Map.groupBy(times as [string, readonly number[]][], ([path]) => path)
  return new Map([...groups].map(([path, all]) => [path, ascending(all.flatMap(([, some]) => some))]))
}

async function databaseBytes(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('postferry.db'))
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

await using world = await startWorld()
await using half = await startDovecot()
await using server = await startServer(world.dataFolder)
const plan: SeedPlan = { users: userNames(usersCount), messagesPerUser }
const changed = plan.users.slice(0, 10)
const cookie = await signIn(server)
await createEndpoints(server.api, world)
await server.api.post('/endpoints', endpoint('half', half))
await seed(world.source, plan)
await seedHalf(half, plan)

const measured: Measured[] = []
const targets: readonly (readonly [string, MailServer])[] = [
  ['empty', world.target],
  ['half filled', half],
]
for (const [name, target] of targets) {
  const batch = name.replace(' ', '-')
  const csv = csvFor(plan.users, world.source, target)
  const targetEndpoint = target === half ? 'half' : 'target'
  await server.api.post('/batches', { name: batch, sourceEndpoint: 'source', targetEndpoint, csv })
  measured.push(await measurePass(server, cookie, batch, 'first pass'))
  await expectSame(world.source, target, plan.users)
  measured.push(await measurePass(server, cookie, batch, 'second pass'))
  await changeMailboxes(world.source, changed, batch)
  measured.push(await measurePass(server, cookie, batch, 'ten new, ten changed'))
  await expectSame(world.source, target, plan.users)
}

const { peakBytes } = server.proc.memory()
const [cpu] = cpus()
const executable = process.env.POSTFERRY_EXECUTABLE === undefined ? 'from source' : 'the built executable'
console.log(`${usersCount} mailboxes × ${messagesPerUser} messages, 20 at a time, ${executable}`)
console.log(
  `${cpus().length} × ${cpu?.model.trim()}, load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}\n`,
)
tell(measured)
const slowest = Math.max(...measured.map(({ answers }) => quantile(allOf(answers), 0.95)))
console.log(`\nHighest resident memory ${megabytes(peakBytes)} MB (budget ${megabytes(residentBytesMax)})`)
console.log(`Slowest p95 of a pass ${slowest.toFixed(1)} ms (budget ${answerMsMax})`)
console.log(
  `Database ${megabytes(await databaseBytes(world.dataFolder))} MB for ${2 * usersCount * messagesPerUser} items`,
)
if (peakBytes > residentBytesMax || slowest > answerMsMax) process.exitCode = 1
