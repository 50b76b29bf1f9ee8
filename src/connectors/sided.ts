import { Fault, type Side } from '../domain/fault.ts'
import type { ItemBody } from '../domain/mail.ts'
import type { MailReader } from './connector.ts'

/** The same session, whose faults tell which side they come from: thrown, returned and yielded ones alike. */
export function sided<Session extends MailReader>(session: Session, side: Side): Session {
  return new Proxy(session, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => told(Reflect.apply(member, target, args), side)
    },
  })
}

/** A result with its faults told from a side. */
function told(value: unknown, side: Side): unknown {
  if (value instanceof Promise)
    return value.then(
      (result) => stamp(result, side),
      (error) => raise(error, side),
    )
  return isAsyncIterable(value) ? iterate(value, side) : stamp(value, side)
}

/** No generator: every message and every piece of it goes through here. */
function iterate(values: AsyncIterable<unknown>, side: Side): AsyncIterableIterator<unknown> {
  const iterator = values[Symbol.asyncIterator]()
  const fail = (error: unknown) => raise(error, side)
  const stamped = (step: IteratorResult<unknown>) =>
    step.done ? step : { done: false, value: stamp(step.value, side) }
  return {
    next: () => iterator.next().then(stamped, fail),
    return: async (value) => (await iterator.return?.().catch(fail)) ?? { done: true, value },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** Pieces of a body hold no faults: only its end may be one. */
function sidedBody(body: ItemBody, side: Side): ItemBody {
  return {
    take: () => body.take?.() ?? null,
    [Symbol.asyncIterator]() {
      const iterator = body[Symbol.asyncIterator]()
      const fail = (error: unknown) => raise(error, side)
      return {
        next: () => iterator.next().catch(fail),
        return: async (value) => (await iterator.return?.().catch(fail)) ?? { done: true, value },
      }
    },
  }
}

/** What a session hands out: faults among other answers, refusals that hold one, items whose body may fail later. */
function stamp(value: unknown, side: Side): unknown {
  if (value instanceof Fault) return value.at(side)
  if (Array.isArray(value)) return value.some(tellsFault) ? value.map((one) => stamp(one, side)) : value
  if (typeof value !== 'object' || value === null) return value
  if ('fault' in value && isFault(value.fault)) return { ...value, fault: value.fault.at(side) }
  return 'body' in value && isBody(value.body) ? { ...value, body: sidedBody(value.body, side) } : value
}

/** Itself, or a refusal that holds one. */
const tellsFault = (value: unknown): boolean =>
  isFault(value) || (typeof value === 'object' && value !== null && 'fault' in value && isFault(value.fault))

const isFault = (value: unknown): value is Fault => value instanceof Fault

const isBody = (value: unknown): value is ItemBody => isAsyncIterable(value)

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

function raise(error: unknown, side: Side): never {
  throw error instanceof Fault ? error.at(side) : error
}
