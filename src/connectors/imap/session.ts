import type { Access } from '../../domain/endpoint.ts'
import { Fault, type Side } from '../../domain/fault.ts'
import type { Folder } from '../../domain/mail.ts'
import { type CommandPart, isSendable, stringArgument } from './codec/commands.ts'
import { FetchParser } from './codec/fetch-data.ts'
import type { Exchange, Tagged } from './exchange.ts'
import { type Asked, cancelledFault, type Peer, refusalFault, shown } from './faults.ts'
import { Opening, type OpenMode } from './opening.ts'
import type { ImapOptions } from './options.ts'
import { type Namespaces, type SignInWatcher, signIn } from './sign-in.ts'
import { Wire } from './wire.ts'

/** RFC 7888, section 5: what LITERAL- allows without waiting. */
const literalMinusBytesMax = 4096

/** One signed-in mailbox: what the server can do, which folder is open, and the wire to it. */
export class Session {
  readonly peer: Peer
  readonly wire: Wire
  readonly options: ImapOptions
  readonly literalBytesMax: number
  readonly userRoot: string | null
  readonly namespaces: Namespaces
  readonly appendBytesMax: number | null
  readonly fetchParser = new FetchParser()
  /** The server tells UID, flags and date behind the content of a message. */
  sendsBodyFirst = false
  readonly #capabilities: ReadonlySet<string>
  readonly #enabled = new Set<string>()
  readonly #forgetSignal: () => void
  #opening: Opening | null = null

  private constructor(init: {
    peer: Peer
    wire: Wire
    options: ImapOptions
    access: Access
    capabilities: ReadonlySet<string>
    namespaces: Namespaces
    appendBytesMax: number | null
    signal: AbortSignal
  }) {
    const { peer, wire, options, access, capabilities, namespaces, appendBytesMax, signal } = init
    this.peer = peer
    this.wire = wire
    this.options = options
    this.literalBytesMax = access.literalBytesMax
    this.userRoot = access.userRoot
    this.namespaces = namespaces
    this.appendBytesMax = appendBytesMax
    this.#capabilities = capabilities
    const abort = (): void => wire.fail(cancelledFault(peer))
    signal.addEventListener('abort', abort, { once: true })
    this.#forgetSignal = () => signal.removeEventListener('abort', abort)
    if (signal.aborted) abort()
  }

  /** Connects and signs in. The signal cuts the connection whenever it aborts, as long as the session lives. */
  static async open(
    access: Access,
    side: Side,
    options: ImapOptions,
    signal: AbortSignal,
    watcher: SignInWatcher = {},
  ): Promise<Session> {
    const peer = { name: `${access.server.host}:${access.server.port}`, side }
    const { socket, capabilities, namespaces, appendBytesMax } = await signIn(access, peer, options, signal, watcher)
    const literalBytesUnasked = capabilities.has('LITERAL+')
      ? Number.POSITIVE_INFINITY
      : capabilities.has('LITERAL-') || capabilities.has('IMAP4REV2')
        ? literalMinusBytesMax
        : 0
    const wire = new Wire(socket, { peer, stallMs: options.stallMs, literalBytesUnasked })
    return new Session({ peer, wire, options, access, capabilities, namespaces, appendBytesMax, signal })
  }

  /** Whether the server offers an extension; `QRESYNC` counts once it is enabled. */
  has(capability: string): boolean {
    return this.#capabilities.has(capability)
  }

  get capabilities(): ReadonlySet<string> {
    return this.#capabilities
  }

  isEnabled(extension: string): boolean {
    return this.#enabled.has(extension)
  }

  /** Asks for extensions (RFC 5161) without waiting: the answer is there before the next command's. */
  enable(...extensions: readonly string[]): void {
    const wanted = extensions.filter((extension) => this.has(extension))
    if (!this.has('ENABLE') || wanted.length === 0) return
    const exchange: Exchange = {
      onUntagged: ({ keyword, cursor }) => {
        if (keyword !== 'ENABLED') return false
        for (const extension of cursor.rest.toUpperCase().split(' ')) this.#enabled.add(extension)
        return true
      },
    }
    this.wire.command([`ENABLE ${wanted.join(' ')}`], exchange).catch(() => null)
  }

  /** Sends a command and wants an OK; else throws what the refusal means. `action` begins the sentence. */
  async ask(parts: readonly CommandPart[], asked: Asked, action: string, exchange: Exchange = {}): Promise<Tagged> {
    const tagged = await this.wire.command(parts, exchange)
    if (tagged.status === 'OK') return tagged
    throw refusalFault(this.peer, asked, action, tagged)
  }

  /** A folder name as an argument. What a server told us may still not be said back to it. */
  folderArgument(name: string): CommandPart {
    if (isSendable(name)) return stringArgument(name)
    throw new Fault('folder.refused', `Cannot use the folder ${shown([name])}: its name holds a control character`, {
      side: this.peer.side,
    })
  }

  /**
   * Opens a folder, or goes on with it where it is open: what is asked next comes from it, unless the opening failed.
   * `isFresh` opens it again, so that the server looks for what changed meanwhile.
   */
  openFolder(folder: Pick<Folder, 'name'>, mode: OpenMode, isFresh = false): Opening {
    const current = this.#opening
    if (current?.name === folder.name && current.mode === mode && !isFresh && !current.fault) return current
    const opening = new Opening(folder.name, mode, this.peer)
    this.#opening = opening
    opening.done = this.wire.command([`${mode} `, this.folderArgument(folder.name)], opening).then(() => {
      if (opening.fault) throw opening.fault
    })
    opening.done.catch(() => null)
    return opening
  }

  /** Leaves the open folder, where the server can do that without expunging it: CLOSE is never sent. */
  leaveFolder(): void {
    if (!this.has('UNSELECT') || !this.#opening) return
    this.#opening = null
    this.wire.command(['UNSELECT']).catch(() => null)
  }

  destroy(): void {
    this.#forgetSignal()
    this.wire.fail(cancelledFault(this.peer))
  }

  async close(): Promise<void> {
    this.#forgetSignal()
    await this.wire.close()
  }
}
