import type { SpecialUse } from '../domain/mail.ts'
import { type Body, bytesBody } from './body.ts'
import { changeFlags, type FlagChange, sameFlags, systemFlag } from './flags.ts'

/** One message. It is replaced in its folder never, and changed only by the folder's own methods. */
export interface Message {
  readonly uid: number
  readonly body: Body
  /** RFC 3501 date-time, without quotes. */
  readonly internalDate: string
  /** RFC 8474: copies share it. */
  readonly emailId: string
  flags: ReadonlySet<string>
  modseq: number
}

/** What a session that has the folder open has to look for. */
export type Change = 'added' | 'removed' | 'flagged' | 'lost'

export interface NewMessage {
  readonly body: Body | Uint8Array
  readonly flags?: Iterable<string>
  readonly internalDate: string
  readonly emailId: string
}

/** One IMAP mailbox: its messages by ascending UID, and the counters of RFC 3501, section 2.3.1.1, and RFC 7162. */
export class Folder {
  /** As it stands on the wire, one character a byte. */
  name: string
  /** MAILBOXID of RFC 8474. */
  readonly id: string
  readonly specialUse: SpecialUse | null
  uidValidity: number
  uidNext = 1
  highestModseq = 1
  /** Messages from this UID up have been in no session that selected the folder: they are \Recent. */
  recentFrom = 1
  isDeleted = false
  sizeBytes = 0
  messages: Message[] = []
  /** What was expunged, in the order of its mod-sequence (RFC 7162, section 3.2.10). */
  vanished: { readonly uid: number; readonly modseq: number }[] = []
  readonly #keywords = new Map<string, string>()
  readonly #watchers = new Set<(change: Change) => void>()

  constructor(name: string, id: string, uidValidity: number, specialUse: SpecialUse | null = null) {
    this.name = name
    this.id = id
    this.uidValidity = uidValidity
    this.specialUse = specialUse
  }

  get keywords(): readonly string[] {
    return [...this.#keywords.values()]
  }

  /** Appends all of them, or throws before any: the batch of RFC 3502 is one step. */
  deliver(mails: readonly NewMessage[]): readonly Message[] {
    if (mails.length === 0) return []
    const modseq = ++this.highestModseq
    const added = mails.map((mail) => this.#message(mail, modseq))
    for (const message of added) {
      this.messages.push(message)
      this.sizeBytes += message.body.sizeBytes
    }
    this.#changed('added')
    return added
  }

  #message({ body, flags = [], internalDate, emailId }: NewMessage, modseq: number): Message {
    const content = body instanceof Uint8Array ? bytesBody(body) : body
    return { uid: this.uidNext++, body: content, internalDate, emailId, flags: this.canonical(flags), modseq }
  }

  /** Flags in the spelling that the folder knows: keywords do not differ by case (RFC 5788, section 1). */
  canonical(flags: Iterable<string>): Set<string> {
    return new Set([...flags].map((flag) => systemFlag(flag) ?? this.#keyword(flag)))
  }

  #keyword(flag: string): string {
    const key = flag.toLowerCase()
    const known = this.#keywords.get(key) ?? flag
    this.#keywords.set(key, known)
    return known
  }

  /** Whether the message is still there. */
  holds(message: Message): boolean {
    return this.messages[indexFrom(this.messages, message.uid)] === message
  }

  /** Tells which messages changed; only those get a new mod-sequence (RFC 7162, section 3.1). */
  changeFlags(messages: readonly Message[], change: FlagChange, flags: Iterable<string>): readonly Message[] {
    const given = this.canonical(flags)
    const changes = messages.map((message) => ({ message, after: changeFlags[change](message.flags, given) }))
    const changed = changes.filter(({ message, after }) => !sameFlags(message.flags, after))
    if (changed.length === 0) return []
    const modseq = ++this.highestModseq
    for (const { message, after } of changed) Object.assign(message, { flags: after, modseq })
    this.#changed('flagged')
    return changed.map(({ message }) => message)
  }

  /** Removes those that are still there; tells which. */
  expunge(messages: Iterable<Message>): readonly Message[] {
    const gone = this.#remove(messages)
    if (gone.length === 0) return gone
    const modseq = ++this.highestModseq
    for (const { uid } of gone) this.vanished.push({ uid, modseq })
    this.#changed('removed')
    return gone
  }

  /** Hides messages as a server does that lists late what it accepted; the answer shows them again. */
  withhold(messages: Iterable<Message>): () => void {
    const hidden = this.#remove(messages)
    this.#changed('removed')
    return () => {
      this.messages = [...this.messages, ...hidden].sort((one, other) => one.uid - other.uid)
      for (const { body } of hidden) this.sizeBytes += body.sizeBytes
      this.highestModseq++
      this.#changed('added')
    }
  }

  #remove(messages: Iterable<Message>): readonly Message[] {
    const asked = new Set(messages)
    const gone = this.messages.filter((message) => asked.has(message))
    if (gone.length > 0) this.messages = this.messages.filter((message) => !asked.has(message))
    for (const { body } of gone) this.sizeBytes -= body.sizeBytes
    return gone
  }

  /** A rebuilt folder: the same mail under other UIDs. Sessions that have it open lose their connection. */
  renumber(uidValidity: number, uidFirst = 1): void {
    this.uidValidity = uidValidity
    this.messages = this.messages.map((message, index) => ({ ...message, uid: uidFirst + index }))
    this.uidNext = uidFirst + this.messages.length
    this.recentFrom = this.uidNext
    this.vanished = []
    this.#changed('lost')
  }

  /** Lost indexes, as on Dovecot 2.3.19: UIDVALIDITY and UIDNEXT stay while HIGHESTMODSEQ falls. */
  forgetModseqs(): void {
    for (const message of this.messages) message.modseq = 1
    this.highestModseq = 1
    this.vanished = []
    this.#changed('flagged')
  }

  delete(): void {
    this.isDeleted = true
    this.#changed('lost')
  }

  /** Calls `changed` after every change, until the answer is called. */
  watch(changed: (change: Change) => void): () => void {
    this.#watchers.add(changed)
    return () => this.#watchers.delete(changed)
  }

  #changed(change: Change): void {
    for (const changed of this.#watchers) changed(change)
  }
}

/** The index of the first message with that UID or a greater one. */
export function indexFrom(messages: readonly Message[], uid: number): number {
  let low = 0
  let high = messages.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((messages[middle] as Message).uid < uid) low = middle + 1
    else high = middle
  }
  return low
}
