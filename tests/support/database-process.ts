/**
 * `bun tests/support/database-process.ts FILE`: opens the database, says `open`, and writes pairs of rows for ever, a
 * line after each that is durable. Killed by tests/db/process.test.ts.
 */
import process from 'node:process'
import { openDatabase } from '../../db/client.ts'
import { jobs } from '../../db/schema/jobs.ts'

const db = await openDatabase(process.argv[2] ?? '')
process.stdout.write('open\n')
for (let runAt = Number(process.argv[3] ?? 0); ; runAt += 1) {
  const row = { kind: 'sync-user', userId: 1, pass: 'initial', runAt } as const
  await db.write([db.query.insert(jobs).values({ ...row, priority: 1 }), db.query.insert(jobs).values(row)])
  process.stdout.write(`${runAt}\n`)
}
