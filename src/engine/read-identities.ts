import { keyOf, strictFingerprint, weakIdentity } from '../domain/fingerprint.ts'
import type { Folder, ItemMeta, Uid } from '../domain/mail.ts'
import type { FolderState } from '../domain/sync-state.ts'
import type { VerifyContext } from './verify.ts'

/** A folder and its copy, while they are compared. */
export interface Comparison extends VerifyContext {
  readonly sourceFolder: Folder
  readonly targetFolder: Folder
  readonly state: FolderState
  readonly isWeak: boolean
}

/** Of items whose headers could be read. */
export type Identities = ReadonlyMap<Uid, string>

/** Reads the headers of some items of one side. */
export async function readIdentities(
  context: Comparison,
  side: 'source' | 'target',
  items: readonly ItemMeta[],
): Promise<Identities> {
  const folder = side === 'source' ? context.sourceFolder : context.targetFolder
  const sizes = new Map(items.map((item) => [item.uid, item.sizeBytes]))
  const uids = [...sizes.keys()].sort((a, b) => a - b)
  const found = new Map<Uid, string>()
  for await (const { uid, header } of context[side].headers(folder, uids)) {
    const strict = keyOf(strictFingerprint(header, sizes.get(uid) ?? 0))
    found.set(uid, context.isWeak ? (weakIdentity(header) ?? '') : strict)
  }
  return found
}
