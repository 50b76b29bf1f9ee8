import { Buffer } from 'node:buffer'
import { Duplex } from 'node:stream'
import { converse } from '../../src/demo/conversation.ts'
import { Session } from '../../src/demo/session.ts'
import { defaultSettings, type Settings } from '../../src/demo/settings.ts'
import { Store } from '../../src/demo/store.ts'
import { instant } from './fixture.ts'

/**
 * What the server answers Anna when her bytes arrive in these pieces, each once the one before was worked off, and
 * she hangs up behind the last. No socket is in between. Text holds one character a byte.
 */
export async function converseWith(pieces: Iterable<string>, settings: Partial<Settings> = {}): Promise<string> {
  const store = new Store({ now: () => instant })
  store.addAccount({ userName: 'anna', password: 'secret' })
  const answers: Uint8Array[] = []
  const stream = new Duplex({
    read() {},
    write(chunk: Uint8Array, _, done) {
      answers.push(chunk)
      done()
    },
  })
  const context = { store, settings: { ...defaultSettings, ...settings }, hooks: {} }
  const session = new Session(1, context, { stream, isSecure: false, startTls: null })
  const ended = converse(session, 'OK ready')
  for (const piece of pieces) {
    stream.emit('data', Buffer.from(piece, 'latin1'))
    await new Promise(setImmediate)
  }
  stream.emit('end')
  await ended
  return Buffer.concat(answers).toString('latin1')
}
