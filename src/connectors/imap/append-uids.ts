import type { Mark, Uid } from '../../domain/mail.ts'
import type { ResponseCode } from './codec/status-line.ts'
import { expandUidSet, parseUidSet } from './codec/uid-set.ts'

/** The UIDs that a target says it gave, as far as they can be believed. */
export class AppendUids {
  /** The highest UID that was told, by folder and UIDVALIDITY: no later one can lie below it. */
  readonly #highest = new Map<string, Uid>()
  #isTrusted = false

  /** They were right once: batches may follow each other without waiting. */
  get isTrusted(): boolean {
    return this.#isTrusted
  }

  /** A folder may be another one by the next pass, whose mark tells where it then stands. */
  forgetFolders(): void {
    this.#highest.clear()
  }

  /**
   * One UID for each message of a batch, or null where what the server says cannot be: another UIDVALIDITY, another
   * number, not ascending (RFC 4315, section 3), below the mark, or told before.
   */
  believe(folderName: string, code: ResponseCode | null, count: number, mark: Mark): readonly Uid[] | null {
    const uids = code?.name === 'APPENDUID' ? readUids(code.data, count, mark.uidValidity) : null
    if (!uids) return null
    const key = `${mark.uidValidity} ${folderName}`
    const above = Math.max(mark.uidNext - 1, this.#highest.get(key) ?? 0)
    if (!uids.every((uid, at) => uid > (at === 0 ? above : (uids[at - 1] ?? 0)))) return null
    this.#highest.set(key, uids.at(-1) ?? above)
    this.#isTrusted = true
    return uids
  }
}

function readUids(data: string, count: number, uidValidity: number): readonly Uid[] | null {
  const [, validity, set] = /^(\d{1,10}) ([\d:,]{1,8000})$/.exec(data) ?? []
  if (Number(validity) !== uidValidity || set === undefined) return null
  try {
    const uids = expandUidSet(parseUidSet(set), count)
    return uids?.length === count ? uids : null
  } catch {
    return null
  }
}
