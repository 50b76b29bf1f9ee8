import type { Access } from '../../domain/endpoint.ts'
import { Fault, type Side } from '../../domain/fault.ts'
import type { Folder } from '../../domain/mail.ts'
import { appendLimit, type Capabilities, literalBytesUnasked } from './codec/capabilities.ts'
import { type CommandPart, isSendable, stringArgument } from './codec/commands.ts'
import { FetchParser } from './codec/fetch-data.ts'
import type { Exchange, Tagged } from './exchange.ts'
import { type Asked, cancelledFault, type Peer, refusalFault, shown } from './faults.ts'
import { askNamespaces, type Namespaces, noNamespaces } from './namespaces.ts'
import { Opening, type OpenMode } from './opening.ts'
import type { ImapOptions } from './options.ts'
import { signIn } from './sign-in.ts'
import { Wire } from './wire.ts'

/** Brings a connection to where our own wire takes over. */
type SignIn = typeof signIn

/** One signed-in mailbox: what the server can do, which folder is open, and the wire to it. */
export class Session {
  readonly peer: Peer
  readonly wire: Wire
  readonly options: ImapOptions
  readonly literalBytesMax: number
  readonly userRoot: string | null
  /** Asked for with the first command, whatever that is. */
  readonly namespaces: Promise<Namespaces>
  /** APPENDLIMIT (RFC 7889), or null. */
  readonly appendBytesMax: number | null
  readonly fetchParser = new FetchParser()
  /** The server tells UID, flags and date behind the content of a message. */
  sendsBodyFirst = false
  readonly #capabilities: Capabilities
  /** Resolves when it is known which of the extensions that were asked for are enabled. */
  enabled: Promise<unknown> = Promise.resolve()
  readonly #enabled = new Set<string>()
  readonly #forgetSignal: () => void
  #opening: Opening | null = null

  private constructor(init: {
    peer: Peer
    wire: Wire
    options: ImapOptions
    access: Access
    capabilities: Capabilities
    signal: AbortSignal
  }) {
    const { peer, wire, options, access, capabilities, signal } = init
    this.peer = peer
    this.wire = wire
    this.options = options
    this.literalBytesMax = access.literalBytesMax
    this.userRoot = access.userRoot
    this.appendBytesMax = appendLimit(capabilities)
    this.#capabilities = capabilities
    const abort = (): void => wire.fail(cancelledFault(peer))
    signal.addEventListener('abort', abort, { once: true })
    this.#forgetSignal = () => signal.removeEventListener('abort', abort)
    if (signal.aborted) abort()
    this.namespaces = this.#introduce()
    this.namespaces.catch(() => null)
  }

  /** Connects and signs in. The signal cuts the connection whenever it aborts, as long as the session lives. */
  static async open(
    access: Access,
    side: Side,
    options: ImapOptions,
    signal: AbortSignal,
    signInWith: SignIn = signIn,
  ): Promise<Session> {
    const peer = { name: `${access.server.host}:${access.server.port}`, side }
    const { socket, unread, capabilities } = await signInWith(access, peer, options, signal)
    const offered = literalBytesUnasked(capabilities)
    const unasked = options.drops?.bytesUnasked(peer.name, offered) ?? offered
    const wire = new Wire(socket, { peer, stallMs: options.stallMs, literalBytesUnasked: unasked, unread })
    return new Session({ peer, wire, options, access, capabilities, signal })
  }

  /** Says who we are, without which some servers open no folder (RFC 2971), and asks how the mailbox is laid out. */
  #introduce(): Promise<Namespaces> {
    if (this.has('ID')) this.wire.command(['ID ("name" "Postferry")']).catch(() => null)
    return this.has('NAMESPACE') ? askNamespaces(this) : Promise.resolve(noNamespaces)
  }

  /** Whether the server offers an extension; `QRESYNC` counts once it is enabled. */
  has(capability: string): boolean {
    return this.#capabilities.has(capability)
  }

  get capabilities(): Capabilities {
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
    this.enabled = this.wire.command([`ENABLE ${wanted.join(' ')}`], exchange).catch(() => null)
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

  /** A folder that cannot be left (RFC 3691) would go on being shown as it was opened: such a session is of no use. */
  rest(): boolean {
    const isReady = this.wire.isQuiet && (this.#opening === null || this.has('UNSELECT'))
    if (isReady) this.leaveFolder()
    this.wire.out.rest()
    return isReady
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
