import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Forwards connections to a port of loopback and holds every byte back for half a round trip in each direction. */
export interface DelayProxy extends AsyncDisposable {
  readonly port: number
}

/** What lies on the line in one direction; far above what any client here has on the way. */
const heldBytesMax = 64_000_000

/** Neither bandwidth limit nor loss: only time. */
export async function startDelayProxy(port: number, rttMs: number): Promise<DelayProxy> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (client) => {
    sockets.add(client.on('close', () => sockets.delete(client)).on('error', () => client.destroy()))
    void meet(client, port, rttMs)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const dispose = async () => {
    for (const socket of sockets) socket.destroy()
    await once(server.close(), 'close')
  }
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: dispose }
}

/**
 * The server sees the connection one and a half round trips after the client began, when the last packet of the
 * handshake arrives; its greeting takes another half.
 */
async function meet(client: Socket, port: number, rttMs: number): Promise<void> {
  client.pause()
  await Bun.sleep(rttMs * 1.5)
  if (client.destroyed) return
  const upstream = connect({ host: '127.0.0.1', port, noDelay: true })
  upstream.on('error', () => client.destroy())
  relay(client, upstream, rttMs / 2)
  relay(upstream, client, rttMs / 2)
  client.resume()
}

/** Null stands for the end of the stream. */
interface Held {
  readonly chunk: Buffer | null
  readonly dueAt: number
}

function relay(from: Socket, to: Socket, delayMs: number): void {
  const held: Held[] = []
  let heldBytes = 0
  let isWaiting = false
  const hold = (chunk: Buffer | null) => {
    held.push({ chunk, dueAt: performance.now() + delayMs })
    heldBytes += chunk?.length ?? 0
    if (heldBytes > heldBytesMax) from.pause()
    wait()
  }
  const wait = () => {
    const [next] = held
    if (isWaiting || next === undefined || to.writableNeedDrain) return
    isWaiting = true
    setTimeout(pass, Math.max(0, next.dueAt - performance.now()))
  }
  const pass = () => {
    isWaiting = false
    while (!to.writableNeedDrain && (held[0]?.dueAt ?? Number.POSITIVE_INFINITY) <= performance.now()) {
      send(held.shift()?.chunk ?? null)
    }
    if (heldBytes < heldBytesMax / 2) from.resume()
    wait()
  }
  const send = (chunk: Buffer | null) => {
    heldBytes -= chunk?.length ?? 0
    if (to.destroyed) return
    if (chunk === null) to.end()
    else to.write(chunk)
  }
  from.on('data', hold)
  from.on('close', () => hold(null))
  to.on('drain', wait)
}
