import type { AppendItem } from '../connector.ts'
import { parseDateTime } from './codec/dates.ts'
import { type FlagRules, writableFlags } from './codec/flags.ts'
import type { Wire } from './wire.ts'

/** Bytes that may wait for the target to take them. */
export const backlogBytesMax = 1024 * 1024

/**
 * What stands before the literal of a message. A server that stumbles over it reads the message as commands: so all of
 * it is made by us, and nothing is passed on as a source wrote it.
 */
export function messageHead({ flags, receivedAt }: Pick<AppendItem, 'flags' | 'receivedAt'>, rules: FlagRules): string {
  const date = receivedAt === null ? null : parseDateTime(receivedAt)
  return ` (${writableFlags(flags, rules).join(' ')})${date === null ? '' : ` "${date}"`} `
}

type Chunks = AsyncIterator<Uint8Array>

/** Writes a message of exactly so many bytes, no faster than the server takes them. Throws where there are others. */
export async function pour(
  wire: Wire,
  first: IteratorResult<Uint8Array>,
  body: Chunks,
  sizeBytes: number,
): Promise<void> {
  let left = sizeBytes
  for (let step = first; !step.done; step = await body.next()) {
    left -= step.value.length
    if (left < 0) throw new Error('A message is longer than it was said to be')
    if (wire.failure) throw wire.failure
    wire.out.bytes(step.value)
    if (wire.out.backlogBytes > backlogBytesMax) await wire.out.drained()
  }
  if (left > 0) throw new Error('A message is shorter than it was said to be')
}

/** Reads a message that is not sent to its end. */
export async function drain(body: Chunks): Promise<void> {
  for (let step = await body.next(); !step.done; step = await body.next());
}
