import { clearInterval, setInterval } from 'node:timers'
import { Fault, isFault } from '../../domain/fault.ts'
import type { AppendItem, AppendResult } from '../connector.ts'
import { type Batch, batchItemsMax, hasRoomFor } from './append-batch.ts'
import { type AppendContext, AppendFlight } from './append-flight.ts'
import { backlogBytesMax, drain, messageHead, pour } from './append-message.ts'

/**
 * Sends messages to a folder while earlier answers are still under way. The last CR LF of every batch is the commit
 * point: it waits until all before it has left, and until the caller says yes.
 */
export class AppendRun {
  readonly #context: AppendContext
  readonly #flight: AppendFlight
  /** The batch that is being written. */
  #open: Batch | null = null
  #closing: Promise<void> = Promise.resolve()
  /** Since when the next message is waited for. */
  #waitingSince: number | null = null

  constructor(context: AppendContext) {
    this.#context = context
    this.#flight = new AppendFlight(context)
  }

  results(items: AsyncIterable<AppendItem>): AsyncGenerator<readonly AppendResult[]> {
    void this.#send(items)
    return this.#flight.results()
  }

  /** Never rejects: what goes wrong is kept for whoever takes the results. */
  async #send(items: AsyncIterable<AppendItem>): Promise<void> {
    const timer = setInterval(() => this.#closeWhenIdle(), this.#context.session.options.batchIdleMs / 4)
    try {
      await this.#sendAll(items)
      await this.#closeBatch()
    } catch (error) {
      this.#flight.fail(error)
    } finally {
      clearInterval(timer)
    }
    await this.#flight.end()
  }

  /** A source that fails between two messages does no harm to those that were sent. */
  async #sendAll(items: AsyncIterable<AppendItem>): Promise<void> {
    const iterator = items[Symbol.asyncIterator]()
    try {
      for (let step = await this.#nextItem(iterator); !step.done; step = await this.#nextItem(iterator)) {
        this.#flight.throwIfFailed()
        await this.#sendItem(step.value)
        this.#flight.throwIfFailed()
      }
    } catch (error) {
      this.#flight.fail(error)
    }
    if (this.#flight.hasFailed) await iterator.return?.().catch(() => null)
  }

  async #nextItem(iterator: AsyncIterator<AppendItem>): Promise<IteratorResult<AppendItem>> {
    this.#waitingSince = performance.now()
    try {
      return await iterator.next()
    } finally {
      this.#waitingSince = null
      await this.#closing
    }
  }

  /** A batch that stays open long would be cut by the server, or hold a lock there. */
  #closeWhenIdle(): void {
    const idleMs = this.#waitingSince === null ? 0 : performance.now() - this.#waitingSince
    if (!this.#open || idleMs < this.#context.session.options.batchIdleMs) return
    this.#closing = this.#closeBatch().catch((error: unknown) => this.#flight.fail(error))
  }

  async #sendItem(item: AppendItem): Promise<void> {
    const { bytesMax } = this.#context.terms
    const bytes = bytesMax === null || item.sizeBytes <= bytesMax ? item.body.take?.() : null
    if (bytes) return this.#sendWhole(item, bytes)
    const body = item.body[Symbol.asyncIterator]()
    if (bytesMax !== null && item.sizeBytes > bytesMax) {
      await drain(body)
      return this.#refuseUnsent(item, tooLarge(item, bytesMax))
    }
    const first = await this.#firstChunk(item, body)
    if (!first) return
    const batch = this.#batchWithRoom(item) ?? (await this.#nextBatch(item))
    if (await this.#begin(batch, item)) await this.#pour(first, body, item.sizeBytes)
    else await drain(body).then(() => this.#endUnsent(batch))
    if (batch.answer) await this.#closeBatch()
  }

  /** A message that is here already: nothing of it has to be waited for. */
  async #sendWhole(item: AppendItem, bytes: Uint8Array): Promise<void> {
    const { out } = this.#context.session.wire
    const batch = this.#batchWithRoom(item) ?? (await this.#nextBatch(item))
    const begins = this.#begin(batch, item)
    if (begins !== true && !(await begins)) this.#endUnsent(batch)
    else if (bytes.length !== item.sizeBytes) this.#cutIn(new Error('A message is not as long as it was said to be'))
    else out.bytes(bytes)
    if (out.backlogBytes > backlogBytesMax) await out.drained()
    if (batch.answer) await this.#closeBatch()
  }

  /** Before anything of it is sent, a message that cannot be read harms nobody. */
  async #firstChunk(item: AppendItem, body: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array> | null> {
    try {
      return await body.next()
    } catch (error) {
      if (!isFault(error) || error.scope !== 'item') throw error
      await this.#refuseUnsent(item, error)
      return null
    }
  }

  async #refuseUnsent({ uid }: AppendItem, fault: Fault): Promise<void> {
    await this.#closeBatch()
    this.#flight.refuse(uid, fault)
  }

  #batchWithRoom({ sizeBytes }: AppendItem): Batch | null {
    const { session, options } = this.#context
    const itemsMax = session.has('MULTIAPPEND') ? Math.min(batchItemsMax, options.batchItemsMax) : 1
    const open = this.#open
    return open && !open.answer && hasRoomFor(open, sizeBytes, itemsMax) ? open : null
  }

  async #nextBatch({ sizeBytes }: AppendItem): Promise<Batch> {
    await this.#closeBatch()
    while (!this.#flight.mayOpen(sizeBytes)) await this.#flight.news()
    return this.#openBatch()
  }

  async #openBatch(): Promise<Batch> {
    const { session, folder } = this.#context
    const { writer } = session.wire
    const name = session.folderArgument(folder.name)
    const batch = this.#flight.open()
    await writer.begin(this.#flight.exchangeFor(batch))
    this.#open = batch
    await writer.part('APPEND ')
    await writer.part(name)
    return batch
  }

  /** False when the server will not have the message. */
  #begin(batch: Batch, item: AppendItem): boolean | Promise<boolean> {
    const { session, terms } = this.#context
    const { text, mustWait } = session.wire.writer.literalHead(item.sizeBytes)
    batch.uids.push(item.uid)
    batch.bytes += item.sizeBytes
    session.wire.out.text(messageHead(item, terms.flags) + text)
    return !mustWait || session.wire.writer.mayGoOn()
  }

  /** A literal that was begun is written to its end, or the connection is cut: it is never filled up. */
  async #pour(first: IteratorResult<Uint8Array>, body: AsyncIterator<Uint8Array>, sizeBytes: number): Promise<void> {
    try {
      await pour(this.#context.session.wire, first, body, sizeBytes)
    } catch (error) {
      this.#cutIn(error)
    }
  }

  #cutIn(error: unknown): void {
    this.#flight.fail(error)
    this.#flight.cut(cutBecauseOf(error))
  }

  /** The command was answered before its literal was sent: nothing is left to be written. */
  #endUnsent(batch: Batch): void {
    this.#open = null
    this.#context.session.wire.writer.end()
    this.#flight.committed(batch)
  }

  async #closeBatch(): Promise<void> {
    const batch = this.#open
    if (!batch) return
    const { wire } = this.#context.session
    this.#open = null
    await wire.out.drained()
    if (wire.failure) throw wire.failure
    this.#checkLease()
    wire.out.text('\r\n')
    wire.out.flush()
    wire.writer.end()
    this.#flight.committed(batch)
  }

  /** Nothing lies between the yes and the last CR LF. */
  #checkLease(): void {
    const fault = new Fault('lease.lost', 'Cannot append: another worker has the mailbox', { side: 'target' })
    let mayCommit = false
    try {
      mayCommit = this.#context.options.mayCommit()
    } finally {
      if (!mayCommit) this.#flight.cut(fault)
    }
    if (!mayCommit) throw fault
  }
}

/** Other folders whose mail is under way over the connection are told what cut it, unless that concerns this one only. */
function cutBecauseOf(error: unknown): Fault {
  const isWide = isFault(error) && error.scope !== 'item' && error.scope !== 'folder'
  return isWide ? error : new Fault('connect.dropped', 'The connection was cut in a message', { side: 'target' })
}

function tooLarge({ uid, sizeBytes }: AppendItem, bytesMax: number): Fault {
  const message = `Cannot append the message ${uid}: its ${sizeBytes} bytes are more than the ${bytesMax} that the target takes`
  return new Fault('append.too-large', message, { side: 'target' })
}
