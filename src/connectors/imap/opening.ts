import { Fault } from '../../domain/fault.ts'
import type { Folder, FolderStatus } from '../../domain/mail.ts'
import type { Exchange, Tagged, Untagged } from './exchange.ts'
import { type Peer, refusalFault, shown } from './faults.ts'

/** EXAMINE reads only; SELECT may change flags. */
export type OpenMode = 'EXAMINE' | 'SELECT'

/** A folder that is being opened: what the server tells of it, and whether that went well. */
export class Opening implements Exchange {
  readonly isTurning = true
  readonly name: string
  readonly mode: OpenMode
  /** What it was opened as; null where the server said nothing of the kind. */
  messages = 0
  uidValidity: number | null = null
  uidNext: number | null = null
  highestModseq: bigint | null = null
  applicableFlags: readonly string[] = []
  permanentFlags: readonly string[] | null = null
  /** Rejects with the fault that refused it. */
  done: Promise<void> = Promise.resolve()
  readonly #peer: Peer
  #fault: Fault | null = null

  constructor(name: string, mode: OpenMode, peer: Peer) {
    this.name = name
    this.mode = mode
    this.#peer = peer
  }

  /** What comes while an older command is being answered tells of another folder. */
  onUntagged({ keyword, number, cursor, status }: Untagged, isFirst: boolean): boolean {
    if (!isFirst) return false
    if (keyword === 'EXISTS' && number !== null) this.messages = number
    else if (keyword === 'FLAGS') this.applicableFlags = words(cursor.parenthesised())
    else if (status?.code) this.#readCode(status.code.name, status.code.data)
    else return keyword === 'RECENT'
    return true
  }

  onTagged(tagged: Tagged): void {
    if (tagged.status !== 'OK') this.#fault = refusalFault(this.#peer, 'open', this.#action, tagged)
    else if (this.uidValidity === null) this.#fault = this.#withoutUids()
  }

  onFailure(fault: Fault): void {
    this.#fault = fault
  }

  /** Why nothing that was asked of the folder can be believed, once the server has answered. */
  faultFor({ path, status }: Folder): Fault | null {
    if (this.#fault) return this.#fault
    if (!status || status.uidValidity === this.uidValidity) return null
    const { side } = this.#peer
    return new Fault('cursor.lost', `Cannot go on in the folder ${shown(path)}: it was renumbered`, { side })
  }

  get fault(): Fault | null {
    return this.#fault
  }

  /** `uidNext` is what has to stand in where the server did not tell it. */
  statusWith(uidNext: number): FolderStatus {
    const { messages, uidValidity, highestModseq } = this
    return { messages, uidNext: this.uidNext ?? uidNext, uidValidity: uidValidity ?? 0, highestModseq }
  }

  get #action(): string {
    return `Cannot open the folder ${shown([this.name])}`
  }

  /** Without UIDVALIDITY no UID means anything tomorrow (RFC 3501, section 2.3.1.1). */
  #withoutUids(): Fault {
    return new Fault('server.protocol', `${this.#action}: the server tells no UIDVALIDITY`, {
      side: this.#peer.side,
      scope: 'folder',
    })
  }

  #readCode(name: string, data: string): void {
    if (name === 'UIDVALIDITY') this.uidValidity = positive(data)
    else if (name === 'UIDNEXT') this.uidNext = positive(data)
    else if (name === 'NOMODSEQ') this.highestModseq = null
    else if (name === 'HIGHESTMODSEQ') this.highestModseq = /^[1-9]\d{0,18}$/.test(data) ? BigInt(data) : null
    else if (name === 'PERMANENTFLAGS') this.permanentFlags = words(data.replace(/^\(|\)$/g, ''))
  }
}

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '')

function positive(text: string): number | null {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0
  return value > 0 && value <= 0xffffffff ? value : null
}
