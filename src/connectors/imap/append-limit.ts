import type { Folder } from '../../domain/mail.ts'
import { isInboxName } from './codec/folder-names.ts'
import type { Session } from './session.ts'

/**
 * The largest message that a folder takes, or null where the server tells none (RFC 7889): all folders have the one
 * that came with the capabilities, or each has its own, which only STATUS tells.
 */
export async function askAppendLimit(session: Session, { name }: Folder): Promise<number | null> {
  if (!session.has('APPENDLIMIT')) return session.appendBytesMax
  let bytesMax: number | null = null
  // A server that will not say it refuses too large messages all the same.
  await session.wire.command(['STATUS ', session.folderArgument(name), ' (APPENDLIMIT)'], {
    onUntagged({ keyword, cursor }) {
      if (keyword !== 'STATUS' || !isSame(cursor.name(), name)) return false
      const [, value] = /^ \(APPENDLIMIT (\d{1,15}|NIL)\)/i.exec(cursor.rest) ?? []
      if (value !== undefined) bytesMax = Number(value) || null
      return value !== undefined
    },
  })
  return bytesMax
}

const isSame = (a: string, b: string): boolean => a === b || (isInboxName(a) && isInboxName(b))
