import { Refusal } from '../domain/refusal.ts'
import { createUserListReader, type UserListRules, type UserRow, userListLimits } from '../domain/user-list.ts'
import { readCsv } from '../platform/csv.ts'

/** The rows of a list that has no mistake; else a Refusal with all of its mistakes. */
export async function readUserList(csv: Uint8Array | string, rules: UserListRules): Promise<readonly UserRow[]> {
  if (csv.length > userListLimits.bytesMax) {
    const message = `The list is larger than ${userListLimits.bytesMax / 1024 / 1024} MB`
    throw new Refusal('invalid', 'Cannot read the list', [{ line: null, column: null, message }])
  }
  const reader = createUserListReader(rules)
  for await (const record of readCsv(csv)) if (!reader.read(record)) break
  const { rows, problems } = reader.finish()
  if (problems.length > 0) throw new Refusal('invalid', sentence(problems.length), problems)
  return rows
}

const sentence = (problems: number): string =>
  `Cannot use the list of users: ${problems === 1 ? 'there is a problem in it' : `there are ${problems} problems in it`}`
