import { lookup } from 'node:dns/promises'
import { connect, isIP, type Socket } from 'node:net'
import { rootCertificates, type TLSSocket, connect as upgrade } from 'node:tls'
import { Fault } from '../domain/fault.ts'
import { type AddressPolicy, defaultPolicy, isAllowed } from './address-policy.ts'

/**
 * The addresses of a host, asked once. Each is checked; one that may not be dialled refuses the host, since a name that
 * leads there besides is no honest server's. Throws a Fault.
 */
export async function resolveHost(host: string, policy: AddressPolicy = defaultPolicy): Promise<readonly string[]> {
  const addresses = await lookUp(host.replace(/^\[(.*)\]$/, '$1'))
  const forbidden = addresses.find((address) => !isAllowed(address, policy))
  if (forbidden === undefined) return addresses
  throw new Fault('connect.refused-by-policy', `Cannot connect to "${host}": its address ${forbidden} is not allowed`)
}

async function lookUp(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host]
  try {
    const answers = await lookup(host, { all: true })
    return [...new Set(answers.map(({ address }) => address))]
  } catch (cause) {
    throw new Fault('connect.unreachable', `Cannot find the host "${host}"`, { cause })
  }
}

export interface DialOptions {
  readonly port: number
  readonly signal: AbortSignal
  /** For each address. */
  readonly timeoutMs: number
}

/** A TCP connection to the first address that takes one. Throws the error of the last. */
export async function dial(addresses: readonly string[], options: DialOptions): Promise<Socket> {
  let failure: unknown
  for (const address of addresses) {
    options.signal.throwIfAborted()
    try {
      return await dialOne(address, options)
    } catch (cause) {
      failure = cause
    }
  }
  throw failure
}

function dialOne(host: string, { port, signal, timeoutMs }: DialOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const settle = (finish: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      finish()
    }
    const fail = (cause: unknown): void =>
      settle(() => {
        socket.destroy()
        reject(cause)
      })
    const abort = (): void => fail(signal.reason)
    const timer = setTimeout(() => fail(timeout(host, port)), timeoutMs)
    signal.addEventListener('abort', abort, { once: true })
    socket.once('error', fail)
    socket.once('connect', () =>
      settle(() => {
        socket.off('error', fail)
        resolve(socket)
      }),
    )
  })
}

const timeout = (host: string, port: number): Error =>
  Object.assign(new Error(`No answer from ${host}:${port}`), { code: 'ETIMEDOUT' })

export interface TlsRules {
  /** The name that the certificate has to bear. */
  readonly host: string
  readonly acceptsUntrustedCertificates: boolean
  /** PEM of further authorities, or null. */
  readonly ca: string | null
}

/** Begins TLS on a connection. Errors, those of the certificate among them, come as the socket's `error`. */
export function beginTls(socket: Socket, rules: TlsRules, onSecure: () => void): TLSSocket {
  const host = rules.host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  return upgrade(
    {
      socket,
      host,
      // An address is no server name (RFC 6066, section 3).
      ...(isIP(host) === 0 && { servername: host }),
      ...(rules.ca !== null && { ca: [...rootCertificates, rules.ca] }),
      rejectUnauthorized: !rules.acceptsUntrustedCertificates,
      minVersion: 'TLSv1.2',
    },
    onSecure,
  )
}
