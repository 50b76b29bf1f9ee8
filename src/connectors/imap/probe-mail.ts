import type { Folder, ItemMeta } from '../../domain/mail.ts'
import type { MailReader } from '../connector.ts'
import { shown } from './faults.ts'
import type { Session } from './session.ts'

/** So many of the newest messages are looked at: enough for a rate, little enough for a test. */
const messagesMax = 50
const bytesMax = 1024 * 1024
/** UIDs have gaps. */
const uidsBack = 200
const roundTrips = 3

/** Messages to try with: the newest of the fullest folder, ascending. */
export interface Sample {
  readonly folder: Folder
  readonly items: readonly ItemMeta[]
}

/** Null where no folder has a message. */
export async function sampleOf(reader: MailReader, folders: readonly Folder[]): Promise<Sample | null> {
  const [fullest] = folders.filter(({ status }) => status).sort((a, b) => messagesIn(b) - messagesIn(a))
  if (fullest === undefined || messagesIn(fullest) === 0) return null
  const from = Math.max(1, (fullest.status?.uidNext ?? 1) - uidsBack)
  const newest = [...(await reader.list(fullest, from))]
  const listed = newest.length > 0 ? newest : [...(await reader.list(fullest))]
  return { folder: fullest, items: listed.slice(-messagesMax) }
}

const messagesIn = ({ status }: Folder): number => status?.messages ?? 0

/** Reads the newest message whole, without marking it. */
export async function readOne(reader: MailReader, { folder, items }: Sample): Promise<string> {
  const bytes = await readAll(reader, folder, items.slice(-1))
  return `The newest message of ${shown(folder.path)} has ${bytes} bytes`
}

/** How long a question takes, and what one connection reads in a second. */
export async function measurePace(session: Session, reader: MailReader, sample: Sample | null): Promise<string> {
  const times: number[] = []
  for (let at = 0; at < roundTrips; at += 1) {
    const since = performance.now()
    await session.ask(['NOOP'], 'other', 'Cannot ask anything')
    times.push(performance.now() - since)
  }
  const roundTripMs = times.sort((a, b) => a - b)[Math.floor(roundTrips / 2)] ?? 0
  const roundTrip = `A round trip takes ${roundTripMs.toFixed(1)} ms`
  const items = sample ? within(sample.items, bytesMax) : []
  if (sample === null || items.length === 0) return roundTrip
  const since = performance.now()
  const bytes = await readAll(reader, sample.folder, items)
  const elapsedMs = Math.max(0.1, performance.now() - since)
  const perSecond = Math.round((items.length / elapsedMs) * 1000)
  return `${roundTrip}; ${items.length} messages with ${bytes} bytes came in ${elapsedMs.toFixed(0)} ms: expect about ${perSecond} messages/s over one connection`
}

/** The newest that are no more than so many bytes together. */
function within(items: readonly ItemMeta[], bytes: number): readonly ItemMeta[] {
  let left = bytes
  const tooMany = items.findLastIndex(({ sizeBytes }) => {
    left -= sizeBytes
    return left < 0
  })
  return items.slice(tooMany + 1)
}

async function readAll(reader: MailReader, folder: Folder, items: readonly ItemMeta[]): Promise<number> {
  let bytes = 0
  const uids = items.map(({ uid }) => uid)
  for await (const { body } of reader.fetch(folder, uids)) for await (const chunk of body) bytes += chunk.length
  return bytes
}
