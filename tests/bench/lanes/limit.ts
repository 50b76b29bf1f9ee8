import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { quote, wireName } from '../../support/imap-names.ts'
import type { ImapAccess } from '../../support/mail-server.ts'
import { checkCopy } from '../check.ts'
import { folderPaths, messagesOf } from '../mail.ts'
import type { Usage } from '../measure.ts'
import { emptyTarget, type Stage } from '../stage.ts'
import type { Lane } from './lane.ts'

const connectionsCount = 2
const appendsMax = 100

/**
 * What the two servers can do at most: give all messages to somebody who looks at none, and take all of them from
 * memory by APPEND with 100 messages each (MULTIAPPEND, RFC 3502). Their sum is the floor for a copy on this machine.
 */
export const limitLane: Lane = async ({ stage, round }) => {
  const user = `limit-${round}`
  const { messages, content } = stage.mailbox
  const fetch = await talk(stage.source.access(stage.mailbox.user), fetches(stage))
  const append = await talk(stage.target.access(user), appends(stage))
  const { differences } = await checkCopy(content, stage.target, user)
  await emptyTarget(stage, user)
  const sum = { wallMs: fetch.wallMs + append.wallMs, cpuMs: fetch.cpuMs + append.cpuMs, peakBytes: 0, exit: '0' }
  return [
    { row: 'servers FETCH', messages, differences: '', ...fetch },
    { row: 'servers APPEND', messages, differences, ...append },
    { row: 'servers limit', messages, differences, ...sum },
  ]
}

/** By connection, all that it sends. */
type Script = readonly (readonly Buffer[])[]

/** The folders of the mailbox in turn on the connections. */
function scriptOf(stage: Stage, commandsFor: (name: string, folderAt: number) => readonly Buffer[]): Script {
  const folders = folderPaths(stage.profile.mail).map((path, at) => ({ name: wireName(stage.source, path), at }))
  return Array.from({ length: connectionsCount }, (_, connection) =>
    folders.filter(({ at }) => at % connectionsCount === connection).flatMap(({ name, at }) => commandsFor(name, at)),
  )
}

const fetches = (stage: Stage): Script =>
  scriptOf(stage, (name) => [
    Buffer.from(`x EXAMINE ${quote(name)}\r\nx UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])\r\n`),
  ])

const appends = (stage: Stage): Script =>
  scriptOf(stage, (name, folderAt) => {
    const parts = [...messagesOf(stage.profile.mail, folderAt)].map(({ bytes, flags, receivedAt }) =>
      Buffer.concat([Buffer.from(` (${flags.join(' ')}) "${receivedAt}" {${bytes.length}+}\r\n`), bytes]),
    )
    const start = Buffer.from(`x APPEND ${quote(name)}`)
    const commands: Buffer[] = []
    for (let at = 0; at < parts.length; at += appendsMax) {
      commands.push(Buffer.concat([start, ...parts.slice(at, at + appendsMax), Buffer.from('\r\n')]))
    }
    const make = [`x CREATE ${quote(name)}\r\n`, `x SUBSCRIBE ${quote(name)}\r\n`].slice(name === 'INBOX' ? 1 : 0)
    return [Buffer.from(make.join('')), ...commands]
  })

/** Signs in on all connections, then sends everything and waits until each has answered its last command. */
async function talk(access: ImapAccess, script: Script): Promise<Usage> {
  const sockets = await Promise.all(script.map(() => signIn(access)))
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await Promise.all(sockets.map((socket, at) => sendAll(socket, script[at] ?? [])))
  const wallMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  for (const socket of sockets) socket.destroy()
  return { wallMs, cpuMs: (user + system) / 1000, peakBytes: 0, exit: '0' }
}

async function signIn({ host, port, user, password }: ImapAccess): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true })
  const answered = seen(socket, 'first OK')
  socket.write(`first LOGIN ${quote(user)} ${quote(password)}\r\n`)
  await answered
  return socket
}

async function sendAll(socket: Socket, chunks: readonly Buffer[]): Promise<void> {
  const answered = seen(socket, 'last OK')
  for (const chunk of chunks) if (!socket.write(chunk)) await once(socket, 'drain')
  socket.write('last NOOP\r\n')
  await answered
}

/** Throws away what comes until it holds that text. */
function seen(socket: Socket, text: string): Promise<void> {
  return new Promise((settle, fail) => {
    let tail = ''
    const look = (chunk: Buffer) => {
      const isOver = chunk.includes(text) || (tail + chunk.toString('latin1', 0, text.length)).includes(text)
      tail = (tail + chunk.toString('latin1', Math.max(0, chunk.length - text.length))).slice(-text.length)
      if (!isOver) return
      socket.off('data', look).off('close', lose)
      settle()
    }
    const lose = () => fail(new Error(`The server closed the connection before it said "${text}"`))
    socket.on('data', look).once('close', lose)
  })
}
