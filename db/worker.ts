import { type Connection, connect } from './connection.ts'
import { toFailure } from './faults.ts'
import type { Answered, Asked, Outcome, Request } from './wire.ts'

let connection: Connection | null = null

globalThis.addEventListener('message', ({ data: { id, request } }: MessageEvent<Asked>) => {
  globalThis.postMessage({ id, outcomes: answer(request) } satisfies Answered)
})

function answer(request: Request): readonly Outcome[] {
  try {
    return perform(request)
  } catch (error) {
    return [{ failure: toFailure(error) }]
  }
}

function perform(request: Request): readonly Outcome[] {
  if (request.kind === 'open') {
    connection = connect(request.path, request.lockWaitMs)
    return [{ results: [] }]
  }
  if (connection === null) throw new Error('Cannot use the database: it is not open')
  if (request.kind === 'read') return [connection.read(request.queries)]
  if (request.kind === 'write') return connection.write(request.writes)
  connection.close()
  connection = null
  return [{ results: [] }]
}
