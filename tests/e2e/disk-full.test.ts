import { expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expectSame } from '../support/checker.ts'
import { describeWith } from '../support/need.ts'
import { seed } from '../support/seed.ts'
import { type Api, type BatchView, isMoving, type ReportView, settled, until, usersOf } from './api.ts'
import { type Server, startServer, tempFolder } from './server.ts'
import { createBatch, createEndpoints, csvFor, startSync, startWorld, sync, userNames } from './world.ts'

const users = userNames(20)
const batch = 'full'
const testMs = 120_000
const slow = { concurrentMigrationsMax: 3, concurrentIncrementalSyncsMax: 3 }

const whyNot = reasonAgainstMount()
if (whyNot !== null && process.env.CI === 'true') throw new Error(`Cannot run these tests: ${whyNot}`)
if (whyNot !== null) console.warn(`Skipped: ${whyNot}`)

/** How the full disk ends: space returns to the running process, or it was killed meanwhile. */
const ends = [
  ['goes on in the same process', async (server: Server) => server],
  [
    'goes on in the next process, the first having been killed,',
    async ({ proc }: Server, dataFolder: string, free: () => void) => {
      await proc.kill('SIGKILL')
      free()
      return startServer(dataFolder)
    },
  ],
] as const

describeWith('dovecot', 'openssl').skipIf(whyNot !== null)('a data folder whose disk is full in mid-copy', () => {
  test.each(ends)('%s after space returns, and nothing is lost or doubled', (_, end) => fillInMidCopy(end), testMs)
})

async function fillInMidCopy(end: (typeof ends)[number][1]): Promise<void> {
  await using disk = await mountDisk()
  await using world = await startWorld()
  await seed(world.source, { users, messagesPerUser: 200 })
  await using server = await startServer(disk.path)
  await createEndpoints(server.api, world, slow)
  await createBatch(server.api, batch, csvFor(users, world.source, world.target))

  await startSync(server.api, batch)
  await until('a part is copied', async () => ((await show(server.api)).counts.synced >= 4 ? true : null), {
    everyMs: 10,
  })
  const reason = await fillUntilUnready(disk, server)
  expect(reason).toContain('disk of the data folder is full')
  expect(isMoving(await show(server.api))).toBe(true)

  const next = await end(server, disk.path, disk.free)
  await using _ = next
  disk.free()
  expect(await settled(next.api, batch)).toMatchObject({ status: 'synced', counts: { synced: users.length } })
  expect((await fetch(`${next.address}/readyz`)).status).toBe(200)
  for (const user of await usersOf(next.api, batch)) expect(user).toMatchObject({ attempts: 0, error: null })

  await expectSame(world.source, world.target, users)
  expect(await next.api.get<ReportView>(`/batches/${batch}/report`)).toMatchObject({
    isBalanced: true,
    counts: { source: users.length * 200, failed: 0, skipped: 0 },
  })
  await sync(next.api, batch)
  await expectSame(world.source, world.target, users)
}

const show = (api: Api): Promise<BatchView> => api.get(`/batches/${batch}`)

/** Takes all space again and again, since a reserve may be given up for the store, until the server says that it cannot go on. */
const fillUntilUnready = (disk: Disk, { address }: Server): Promise<string> =>
  until('the server says that its disk is full', async () => {
    disk.fill()
    const response = await fetch(`${address}/readyz`)
    return response.status === 503 ? response.text() : null
  })

interface Disk extends AsyncDisposable {
  readonly path: string
  /** Leaves not a byte of space. */
  fill(): void
  free(): void
}

/** A small disk of its own, in memory. */
async function mountDisk(): Promise<Disk> {
  const folder = await tempFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder.path])
  let fillers = 0
  return {
    path: folder.path,
    fill: () => {
      fillers += 1
      fillWith(join(folder.path, `filler-${fillers}`))
    },
    free: () => {
      for (; fillers > 0; fillers -= 1) rmSync(join(folder.path, `filler-${fillers}`), { force: true })
    },
    [Symbol.asyncDispose]: async () => {
      execFileSync('umount', ['--lazy', folder.path])
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Large pieces first, then ever smaller ones. */
function fillWith(file: string): void {
  const descriptor = openSync(file, 'w')
  try {
    for (let bytes = 1_048_576; bytes >= 1; bytes = Math.floor(bytes / 2)) writePieces(descriptor, Buffer.alloc(bytes))
  } finally {
    closeSync(descriptor)
  }
}

function writePieces(descriptor: number, piece: Uint8Array): void {
  try {
    for (;;) writeSync(descriptor, piece)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}

/** Why no disk can be mounted here, or null. */
function reasonAgainstMount(): string | null {
  if (process.platform !== 'linux') return 'only Linux has tmpfs'
  if (process.getuid?.() !== 0) return 'mounting a small disk needs root'
  try {
    execFileSync('mkdir', ['-p', '/tmp/postferry-mount-probe'])
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', '/tmp/postferry-mount-probe'], { stdio: 'ignore' })
    execFileSync('umount', ['/tmp/postferry-mount-probe'])
    return null
  } catch {
    return 'mounting a small disk is not permitted here'
  }
}
