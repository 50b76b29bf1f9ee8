import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { userListLimits } from '../domain/user-list.ts'
import type { Ctx, Env } from './environment.ts'
import { Declined } from './problems.ts'

const listMegabytes = userListLimits.bytesMax / 1024 / 1024

const tooLarge = (limit: string) => new Declined('too-large', `The request is larger than ${limit}`)

/** Every request but a list is small: a certificate is the largest thing in it. */
export const smallBody: MiddlewareHandler<Env> = bodyLimit({
  maxSize: 1024 * 1024,
  onError: () => {
    throw tooLarge('1 MB')
  },
})

/**
 * A list with what is around it; JSON may escape its characters. Refused by the length that is announced, else as soon
 * as more has come.
 */
export const listBody: MiddlewareHandler<Env> = bodyLimit({
  maxSize: 2 * userListLimits.bytesMax,
  onError: () => {
    throw listTooLarge()
  },
})

const listTooLarge = () =>
  new Declined('too-large', `The list is larger than ${listMegabytes} MB: divide it into several batches`)

/** The fields of a form, by their names. */
export interface Form {
  /** Without blanks around it; empty where there is none. */
  text(name: string): string
  /** As typed: blanks mean something in a password. Undefined where it is empty. */
  secret(name: string): string | undefined
  isOn(name: string): boolean
  /** The bytes of a file that was chosen, else the text of the other field. Throws when it is too large. */
  list(fileName: string, textName: string): Promise<Uint8Array | string>
}

export async function readForm(c: Ctx): Promise<Form> {
  const fields = await c.req.parseBody()
  const raw = (name: string): string => {
    const value = fields[name]
    return typeof value === 'string' ? value : ''
  }
  return {
    text: (name) => raw(name).trim(),
    secret: (name) => raw(name) || undefined,
    isOn: (name) => ['on', 'true', '1'].includes(raw(name)),
    async list(fileName, textName) {
      const file = fields[fileName]
      const list = file instanceof File && file.size > 0 ? new Uint8Array(await file.arrayBuffer()) : raw(textName)
      return checkedList(list)
    },
  }
}

export function checkedList<T extends Uint8Array | string>(list: T): T {
  const bytes = typeof list === 'string' ? Buffer.byteLength(list) : list.byteLength
  if (bytes > userListLimits.bytesMax) throw listTooLarge()
  return list
}
