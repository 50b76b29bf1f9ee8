import type { Action, Command } from './command.ts'
import { commands } from './commands/table.ts'
import { type Continuation, Cursor, type LiteralRequest, type Parsing } from './cursor.ts'
import type { Verdict } from './hooks.ts'
import type { Line } from './input.ts'
import { bad, Refusal } from './refusal.ts'
import type { Session } from './session.ts'

/** RFC 7888, section 5: the most that LITERAL- allows without waiting. */
const literalMinusBytesMax = 4096

/** Bytes of one refused literal that are read only to be thrown away; for more the server hangs up (RFC 7888, section 4). */
const discardBytesMax = 256 * 1024 * 1024

type Status = 'OK' | 'NO' | 'BAD'

/** The client, or we, ended the connection while a command was being read. */
class HungUp extends Error {}

/** One command on its way in. */
interface Reading {
  readonly session: Session
  tag: string
  name: string
  /** The lines so far, for those who watch. */
  seen: string
  lastLine: string
}

/** Answers one client until it leaves. */
export async function converse(session: Session, greeting: string): Promise<void> {
  if (session.state !== 'loggedOut') session.untagged(greeting)
  try {
    await answerAll(session)
  } catch (error) {
    if (!(error instanceof HungUp)) throw error
  } finally {
    session.leave()
  }
}

async function answerAll(session: Session): Promise<void> {
  let badCount = 0
  while (session.state !== 'loggedOut') {
    const status = await answerOne(session)
    badCount = status === 'BAD' ? badCount + 1 : 0
    if (badCount === session.context.settings.badCommandsMax) session.bye('Too many invalid commands')
    if (session.output.isFull) await session.output.drained()
  }
}

async function answerOne(session: Session): Promise<Status> {
  const reading: Reading = { session, tag: '*', name: '', seen: '', lastLine: '' }
  const line = await nextLine(reading)
  const command = await readCommand(reading, line)
  const refusal = command instanceof Refusal ? command : null
  if (refusal && mustDiscard(refusal, session)) await discardUnreadLiterals(reading)
  const seen = { tag: reading.tag, name: reading.name, line: reading.seen, refusal: refusal?.message ?? null }
  const verdict = await session.context.hooks.onCommand?.(seen, session)
  if (verdict) return obey(verdict, reading)
  return command instanceof Refusal ? reply(reading, command.status, command.message) : run(reading, command)
}

interface ReadCommand {
  readonly command: Command
  readonly action: Action
}

async function readCommand(reading: Reading, line: Line): Promise<ReadCommand | Refusal> {
  try {
    const cursor = new Cursor(line.text)
    reading.tag = cursor.tag()
    if (line.fault) throw bad('Line ends without CR LF')
    const command = commandFor(cursor, reading)
    const parsed = command.parse(cursor, reading.session, reading.tag)
    return { command, action: typeof parsed === 'function' ? parsed : await finish(parsed, reading) }
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

function commandFor(cursor: Cursor, reading: Reading): Command {
  cursor.space()
  const word = cursor.keyword('a command')
  reading.name = word === 'UID' && cursor.skips(' ') ? `UID ${cursor.keyword('a command')}` : word
  const command = commands[reading.name]
  const { session } = reading
  if (!command || (command.extension && !session.has(command.extension))) throw bad('Unknown command')
  if (!command.states.includes(session.state)) throw bad(`Command not allowed in state ${session.state}`)
  return command
}

/** Runs a parser to its end, with the literals it asks for. */
async function finish<T>(parsing: Parsing<T>, reading: Reading): Promise<T> {
  let step = parsing.next()
  while (!step.done) step = parsing.next(await continuation(step.value, reading))
  return step.value
}

async function continuation(request: LiteralRequest, reading: Reading): Promise<Continuation> {
  const { session } = reading
  const refusal = refusalOf(request, session)
  // A client that waits for our `+` is told now, and sends nothing (RFC 3501, section 4.3).
  if (refusal && (request.isSynchronizing || refusal === notOffered)) throw refusal
  if (request.isSynchronizing) session.text('+ Ready for literal data\r\n')
  const literal = refusal ? await discard(request.sizeBytes, session) : await session.input.bytes(request.sizeBytes)
  if (!literal) throw new HungUp()
  const line = await nextLine(reading)
  if (line.fault) throw bad('Line ends without CR LF')
  if (refusal) throw refusal
  return { literal, line: line.text }
}

const notOffered = bad('LITERAL+ is not offered')

function refusalOf(request: LiteralRequest, session: Session): Refusal | null {
  const { sizeBytes, sizeBytesMax, isSynchronizing, refusal } = request
  const isTooLong = sizeBytes > sizeBytesMax
  return (isSynchronizing ? null : unaskedRefusal(sizeBytes, session)) ?? (isTooLong ? tooLong('NO') : refusal)
}

/** Why a client may not send so many bytes without waiting for our `+` (RFC 7888). */
function unaskedRefusal(sizeBytes: number, session: Session): Refusal | null {
  if (session.has('LITERAL+')) return null
  if (!session.has('LITERAL-')) return notOffered
  return sizeBytes > literalMinusBytesMax ? tooLong('BAD') : null
}

const tooLong = (status: 'NO' | 'BAD'): Refusal => new Refusal(status, '[TOOBIG] Literal too long')

async function discard(sizeBytes: number, session: Session): Promise<Uint8Array | null> {
  if (sizeBytes > discardBytesMax) session.bye('[TOOBIG] Literal too long')
  else if (await session.input.skip(sizeBytes)) return new Uint8Array()
  return null
}

async function nextLine(reading: Reading): Promise<Line> {
  const line = await reading.session.input.line()
  if (line?.fault === 'too long') reading.session.bye('[TOOBIG] Line too long')
  if (!line || line.fault === 'too long') throw new HungUp()
  reading.seen += line.text
  reading.lastLine = line.text
  return line
}

const mustDiscard = (refusal: Refusal, session: Session): boolean =>
  refusal.status === 'NO' || !session.context.settings.executesLiteralAfterBad

/** What stands behind a refused line: without this it is read as commands. */
async function discardUnreadLiterals(reading: Reading): Promise<void> {
  for (;;) {
    const sizeBytes = /\{(\d{1,10})\+\}$/.exec(reading.lastLine)?.[1]
    if (sizeBytes === undefined) return
    if (!(await discard(Number(sizeBytes), reading.session))) throw new HungUp()
    await nextLine(reading)
  }
}

async function run(reading: Reading, { command, action }: ReadCommand): Promise<Status> {
  const { session } = reading
  try {
    const answer = await action()
    session.tellNews(command.mayExpunge ?? true)
    reply(reading, 'OK', typeof answer === 'string' ? answer : answer.text)
    if (typeof answer !== 'string') answer.after()
    return 'OK'
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    session.tellNews(command.mayExpunge ?? true)
    return reply(reading, error.status, error.message)
  }
}

function reply({ session, tag }: Reading, status: Status, text: string): Status {
  if (session.state !== 'loggedOut') session.text(`${tag} ${status} ${text}\r\n`)
  return status
}

async function obey(verdict: NonNullable<Verdict>, { session, tag }: Reading): Promise<Status> {
  if (verdict === 'drop') session.drop()
  else if (verdict === 'hang') await session.input.skip(Number.POSITIVE_INFINITY)
  else if (verdict.answer.startsWith('BYE ')) session.bye(verdict.answer.slice('BYE '.length))
  else session.text(`${tag} ${verdict.answer}\r\n`)
  return 'OK'
}
