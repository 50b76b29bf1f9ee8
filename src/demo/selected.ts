import { type Change, type Folder, indexFrom, type Message } from './folder.ts'
import { formatSet, resolveSet, type SequenceSet } from './sequence-set.ts'

/** What happened to the folder since the session was last told. */
export interface FolderNews {
  /** In the order in which to say it: each number is right when those before it were said. */
  readonly expunged: readonly { readonly seq: number; readonly uid: number }[]
  readonly changed: readonly { readonly seq: number; readonly message: Message }[]
  readonly hasGrown: boolean
  readonly hasNewKeywords: boolean
}

/** A folder as one session sees it: its message numbers change only when the session is told. */
export class Selected {
  readonly folder: Folder
  readonly isReadOnly: boolean
  readonly uidValidity: number
  messages: Message[]
  readonly #recentFrom: number
  #toldModseq: number
  #toldKeywords: number
  readonly #pending = new Set<Change>()
  readonly #toldByUs = new Map<number, number>()
  readonly #unwatch: () => void
  onNews: () => void = () => {}

  constructor(folder: Folder, isReadOnly: boolean) {
    this.folder = folder
    this.isReadOnly = isReadOnly
    this.uidValidity = folder.uidValidity
    this.messages = folder.messages.slice()
    this.#recentFrom = folder.recentFrom
    this.#toldModseq = folder.highestModseq
    this.#toldKeywords = folder.keywords.length
    this.#takeRecent()
    this.#unwatch = folder.watch((change) => {
      this.#pending.add(change)
      this.onNews()
    })
  }

  /** What this session sees first is \Recent to no later one; EXAMINE takes it from nobody (RFC 3501, section 6.3.2). */
  #takeRecent(): void {
    if (!this.isReadOnly) this.folder.recentFrom = this.folder.uidNext
  }

  /** The session cannot go on: the folder is gone, or its UIDs mean other messages now. */
  get isLost(): boolean {
    return this.folder.isDeleted || this.folder.uidValidity !== this.uidValidity
  }

  get recentCount(): number {
    return this.messages.filter((message) => this.isRecent(message)).length
  }

  isRecent(message: Message): boolean {
    return message.uid >= this.#recentFrom
  }

  flagsOf(message: Message): string {
    const flags = this.isRecent(message) ? [...message.flags, '\\Recent'] : [...message.flags]
    return `(${flags.join(' ')})`
  }

  /** 1 for the first message; 0 where the session does not see the UID. */
  seqOf(uid: number): number {
    const index = indexFrom(this.messages, uid)
    return this.messages[index]?.uid === uid ? index + 1 : 0
  }

  /** The messages of a set in ascending order; null where a message number is above the last one. */
  choose(set: SequenceSet, isUid: boolean): readonly Message[] | null {
    return isUid ? this.#byUid(set) : this.#bySeq(set)
  }

  #byUid(set: SequenceSet): readonly Message[] {
    return this.#gather(resolveSet(set, this.messages.at(-1)?.uid ?? 0), (uid) => indexFrom(this.messages, uid))
  }

  /** A number beyond the end is refused, `*` in an empty folder as well (RFC 3501, section 9, seq-number). */
  #bySeq(set: SequenceSet): readonly Message[] | null {
    const count = this.messages.length
    const isBeyond = set.flat().some((seq) => (seq === Number.POSITIVE_INFINITY ? count === 0 : seq > count))
    return isBeyond ? null : this.#gather(resolveSet(set, count), (seq) => seq - 1)
  }

  #gather(ranges: SequenceSet, startOf: (value: number) => number): readonly Message[] {
    const chosen: Message[] = []
    let from = 0
    for (const [first, last] of ranges) {
      const start = Math.max(from, startOf(first))
      from = Math.max(start, startOf(last + 1))
      for (let index = start; index < from && index < this.messages.length; index++) {
        chosen.push(this.messages[index] as Message)
      }
    }
    return chosen
  }

  /** Says that the session knows these flags already: an answer held them, or its own STORE was silent. */
  told(messages: Iterable<Message>): void {
    if (!this.#pending.has('flagged')) return
    for (const { uid, modseq } of messages) this.#toldByUs.set(uid, modseq)
  }

  /** Takes in what happened; expunged messages stay in view while `mayExpunge` is false (RFC 3501, section 7.4.1). */
  news(mayExpunge: boolean): FolderNews {
    const expunged = mayExpunge && this.#pending.delete('removed') ? this.#dropExpunged() : []
    const hasGrown = this.#pending.delete('added') && this.#addNew()
    const changed = this.#pending.delete('flagged') ? this.#changed() : []
    this.#toldModseq = this.folder.highestModseq
    this.#toldByUs.clear()
    const hasNewKeywords = this.folder.keywords.length > this.#toldKeywords
    this.#toldKeywords = this.folder.keywords.length
    return { expunged, hasGrown, changed, hasNewKeywords }
  }

  #dropExpunged(): readonly { seq: number; uid: number }[] {
    const there = new Set(this.folder.messages)
    const gone = this.messages.flatMap((message, index) => (there.has(message) ? [] : { index, uid: message.uid }))
    this.messages = this.messages.filter((message) => there.has(message))
    return gone.map(({ index, uid }, before) => ({ seq: index + 1 - before, uid }))
  }

  #addNew(): boolean {
    const added = this.folder.messages.slice(indexFrom(this.folder.messages, (this.messages.at(-1)?.uid ?? 0) + 1))
    for (const message of added) this.messages.push(message)
    this.told(added)
    this.#takeRecent()
    return added.length > 0
  }

  #changed(): readonly { seq: number; message: Message }[] {
    return this.messages
      .map((message, index) => ({ seq: index + 1, message }))
      .filter(({ message }) => message.modseq > this.#toldModseq && this.#toldByUs.get(message.uid) !== message.modseq)
  }

  /** UIDs that were expunged after `modseq`, of those in `known`. */
  vanishedSince(modseq: number, known: (uid: number) => boolean): string {
    const uids = this.folder.vanished.filter((gone) => gone.modseq > modseq && known(gone.uid)).map(({ uid }) => uid)
    return formatSet(uids.sort((one, other) => one - other))
  }

  close(): void {
    this.#unwatch()
  }
}
