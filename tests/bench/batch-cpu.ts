/**
 * `bun tests/bench/batch-cpu.ts [USERS [MESSAGES]]`: what a batch costs besides the mail servers, which are in memory
 * here: CPU of the main thread, of the database's and of the others, of a first pass and of two with nothing to do; and
 * the longest turns of the event loop. Linux only.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type App, createApp } from '../../src/app.ts'
import { createBatch, showBatch, startBatch, syncBatchNow } from '../../src/operations/batches.ts'
import { createEndpoint } from '../../src/operations/endpoints.ts'
import { type MemoryServers, memoryServers } from '../support/memory-connector.ts'
import { newHost, oldHost, userCsv } from '../support/test-app.ts'
import { watchTurns } from '../support/watch-turns.ts'

const [users = 200, messages = 100] = process.argv.slice(2).map(Number)
const folders = ['INBOX', 'Sent', 'Archive/2024', 'Archive/2025', 'Trash']
const names = Array.from({ length: users }, (_, user) => `user${user}`)
const msPerTick = 10

function fill({ mailbox }: MemoryServers): void {
  for (const name of names) {
    const [source, target] = [mailbox(oldHost, name), mailbox(newHost, `${name}@new.example`)]
    for (let number = 0; number < messages; number += 1) {
      const head = `From: ann@${name}.example\r\nMessage-ID: <${number}@${name}>\r\nSubject: ${number}\r\n\r\n`
      source.deliver(folders[number % folders.length] ?? '', head + 'x'.repeat(5000), number % 2 ? ['\\Seen'] : [])
    }
    // A server answers in its own turn; in memory all would be one.
    source.tick = target.tick = (step) =>
      step === 'literal' || step === 'APPEND done' ? undefined : new Promise((resolve) => setImmediate(resolve))
  }
}

/** CPU of the process by thread (proc_pid_stat(5), fields 14 and 15), milliseconds. */
function cpuByThread(): { main: number; database: number; others: number } {
  const cpu = { main: 0, database: 0, others: 0 }
  for (const id of readdirSync('/proc/self/task')) {
    const [, name, rest = ''] = /\((.*)\) (.*)$/s.exec(readFileSync(`/proc/self/task/${id}/stat`, 'utf8')) ?? []
    const fields = rest.split(' ')
    const thread = Number(id) === process.pid ? 'main' : name === 'Worker' ? 'database' : 'others'
    cpu[thread] += (Number(fields[11]) + Number(fields[12])) * msPerTick
  }
  return cpu
}

async function pass(app: App, id: number, what: string, begin: () => Promise<unknown>): Promise<void> {
  const turns = watchTurns()
  const [before, start] = [cpuByThread(), performance.now()]
  await begin()
  while ((await showBatch(app.context, id)).status !== 'synced') await new Promise((resolve) => setTimeout(resolve, 20))
  const [after, ms] = [cpuByThread(), performance.now() - start]
  const each = (['main', 'database', 'others'] as const).map(
    (thread) => `${thread} ${((after[thread] - before[thread]) / users).toFixed(2)}`,
  )
  console.log(
    `${what.padEnd(12)} ${ms.toFixed(0)} ms; CPU ms a user: ${each.join(', ')}; longest turn ${turns.end().toFixed(0)} ms`,
  )
}

const dataFolder = mkdtempSync(join(tmpdir(), 'postferry-bench-'))
const servers = memoryServers()
fill(servers)
const app = await createApp({ dataFolder, connectors: { imap: servers.connector } })
app.start()
for (const [name, host] of [
  ['old', oldHost],
  ['new', newHost],
] as const)
  await createEndpoint(app.context, { name, host, security: 'ssl', concurrentMigrationsMax: 20 })
const input = { name: 'bench', sourceEndpoint: 'old', targetEndpoint: 'new', csv: userCsv(names) }
const { id } = await createBatch(app.context, input)
await pass(app, id, 'first pass', () => startBatch(app.context, id))
await pass(app, id, 'second pass', () => syncBatchNow(app.context, id))
await pass(app, id, 'third pass', () => syncBatchNow(app.context, id))
await app.stop()
rmSync(dataFolder, { recursive: true })
