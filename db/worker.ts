import { type Connection, connect } from './connection.ts'
import { toFailure } from './faults.ts'
import type { Answered, Asked, Outcome, Request } from './wire.ts'

let connection: Connection | null = null
let last: Promise<void> = Promise.resolve()

globalThis.addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  last = last.then(() => answer(data))
})

async function answer({ id, request }: Asked): Promise<void> {
  const outcomes = await perform(request).catch((error): readonly Outcome[] => [{ failure: toFailure(error) }])
  globalThis.postMessage({ id, outcomes } satisfies Answered)
}

async function perform(request: Request): Promise<readonly Outcome[]> {
  if (request.kind === 'open') {
    connection = await connect(request.path, request.lockWaitMs)
    return [{ results: [] }]
  }
  if (connection === null) throw new Error('Cannot use the database: it is not open')
  if (request.kind === 'read') return [await connection.read(request.queries)]
  if (request.kind === 'write') return await connection.write(request.writes)
  await connection.close()
  connection = null
  return [{ results: [] }]
}
