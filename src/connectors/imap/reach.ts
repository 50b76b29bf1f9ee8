import type { ServerAddress } from '../../domain/endpoint.ts'
import type { Side } from '../../domain/fault.ts'
import { openLine } from './open-line.ts'
import type { ImapOptions } from './options.ts'

const nobody = { literalBytesMax: 0, login: '', password: '', authzid: null, userRoot: null }

/** Opens a connection as far as one can without a password, and keeps it for whoever signs in next. Throws a Fault. */
export async function reach(
  server: ServerAddress,
  side: Side,
  options: ImapOptions,
  signal: AbortSignal,
): Promise<void> {
  const peer = { name: `${server.host}:${server.port}`, side }
  const line = await openLine({ access: { server, ...nobody }, peer, options }, signal)
  if (options.ahead) options.ahead.keep(server, line, signal)
  else line.socket.destroy()
}
