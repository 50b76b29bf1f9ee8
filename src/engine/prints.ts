import type { MailReader } from '../connectors/connector.ts'
import { strictFingerprint, weakIdentity } from '../domain/fingerprint.ts'
import type { ItemList } from '../domain/item-list.ts'
import type { Folder, ItemHeader, Uid } from '../domain/mail.ts'
import { inParts } from '../domain/plan.ts'
import { fingerprintBytes } from '../domain/record-state.ts'

const headersAtOnceMax = 2000

/** Items of one folder on one side, and the session that can read them. */
export interface Shelf {
  readonly reader: MailReader
  readonly folder: Folder
  readonly items: ItemList
}

/** Fingerprints of the items of a list, 16 bytes each: strict ones, and weak ones where they are asked for. */
export class Prints {
  readonly items: ItemList
  readonly #strict: Column
  readonly #weak: Column | null

  constructor(items: ItemList, isWeak: boolean) {
    this.items = items
    this.#strict = new Column(items.length)
    this.#weak = isWeak ? new Column(items.length) : null
  }

  put({ uid, header }: ItemHeader): void {
    const place = this.items.placeOf(uid)
    if (place < 0) return
    this.#strict.put(place, strictFingerprint(header, this.items.sizeAt(place)))
    const weak = this.#weak && weakIdentity(header)
    if (weak) this.#weak?.put(place, Buffer.from(weak, 'hex'))
  }

  /** Null where the item is gone. */
  strict(place: number): Uint8Array | null {
    return this.#strict.at(place)
  }

  /** Null where the item is gone, or its header is too little to go by. */
  weak(place: number): Uint8Array | null {
    return this.#weak?.at(place) ?? null
  }

  /** The strict one of an item; null where it is gone. */
  of(uid: Uid): Uint8Array | null {
    const place = this.items.placeOf(uid)
    return place < 0 ? null : this.strict(place)
  }
}

class Column {
  readonly #bytes: Uint8Array
  readonly #isFilled: Uint8Array

  constructor(places: number) {
    this.#bytes = new Uint8Array(places * fingerprintBytes)
    this.#isFilled = new Uint8Array(places)
  }

  put(place: number, print: Uint8Array): void {
    this.#bytes.set(print, place * fingerprintBytes)
    this.#isFilled[place] = 1
  }

  at(place: number): Uint8Array | null {
    if (this.#isFilled[place] !== 1) return null
    return this.#bytes.subarray(place * fingerprintBytes, (place + 1) * fingerprintBytes)
  }
}

/** Reads the headers of all items. */
export async function readPrints({ reader, folder, items }: Shelf, isWeak = false): Promise<Prints> {
  const prints = new Prints(items, isWeak)
  for (const uids of inParts(items.uids(), headersAtOnceMax)) {
    for await (const header of reader.headers(folder, uids)) prints.put(header)
  }
  return prints
}
