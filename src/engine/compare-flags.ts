import type { MailTarget } from '../connectors/connector.ts'
import type { Folder, FolderStatus, ItemMeta } from '../domain/mail.ts'
import type { RecordHead } from '../domain/record-state.ts'
import type { FolderState } from '../domain/sync-state.ts'

interface Copy {
  readonly record: RecordHead
  readonly theirs: ItemMeta
}

interface Place {
  readonly target: MailTarget
  readonly targetFolder: Folder
  readonly state: FolderState
}

/** Tells for each copy which of the flags that were carried to it are not there, though they could be. */
export async function flagComparison(
  place: Place,
  copies: readonly Copy[],
): Promise<(copy: Copy) => readonly string[]> {
  const lost = new Set(wasTouched(place) ? [] : copies.flatMap(lostFlags))
  if (lost.size === 0) return () => []
  const kept = new Set(await place.target.keptFlags(place.targetFolder, [...lost]))
  return (copy) => lostFlags(copy).filter((flag) => kept.has(flag))
}

/** After the first pass the target's user may change flags: that is no difference. */
const wasTouched = ({ state, targetFolder: { status } }: Place): boolean =>
  state.passes !== 1 || modseqOf(status) !== modseqOf(state.targetSeen)

const modseqOf = (status: FolderStatus | null): bigint | null => status?.highestModseq ?? null

function lostFlags({ record, theirs }: Copy): readonly string[] {
  const have = new Set(theirs.flags.map((flag) => flag.toLowerCase()))
  return record.flags.filter((flag) => !have.has(flag.toLowerCase()) && !isLeft(record, flag))
}

/** What was at the target already is given neither. */
const isLeft = ({ outcome }: RecordHead, flag: string): boolean =>
  outcome === 'adopted' && ['\\draft', '\\deleted'].includes(flag.toLowerCase())
