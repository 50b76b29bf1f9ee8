import { sql } from 'drizzle-orm'
import type { Fence, FolderIntent, FolderState, PairKey } from '../../src/domain/sync-state.ts'
import type { Database } from '../client.ts'
import { fence as holds } from '../guards.ts'
import { type Places, prepared } from '../prepared.ts'
import { toJson } from '../schema/columns.ts'
import { folders, pairs } from '../schema/ledger.ts'
import { selectFolders } from './sync-reads.ts'

type Place = Places<PairKey>['source']

/** Lists of any length are one value, JSON: so one text serves for all of them. */
type List = { readonly list: string }

const insertPair = prepared((query, { source, target }: Places<PairKey>) =>
  query.insert(pairs).values({ source, target }).onConflictDoNothing(),
)

const idOfPair = (source: Place, target: Place) =>
  sql`(select ${pairs.id} from ${pairs} where ${pairs.source} = ${source} and ${pairs.target} = ${target})`

/** Folders that are not there, or not of this pair, stop the write. */
const expectFolders = prepared((query, { list, source, target }: Places<List & PairKey>) =>
  query.run(sql`insert into guards (condition_holds) select 0 from json_each(${list}) as known
    where not exists (select 1 from ${folders} where ${folders.id} = known.value ->> 0
      and ${folders.pairId} = ${idOfPair(source, target)})`),
)

/** A mark may be old, never too new: under the same UIDVALIDITY the one of the pass that died stands. */
const updateFolders = prepared((query, { list }: Places<List>) =>
  query.run(sql`update ${folders} set source = known.source, target = known.target,
    dirty_since = case when ${folders.dirtySince} ->> 'uidValidity' = known.dirty_since ->> 'uidValidity'
      then ${folders.dirtySince} else known.dirty_since end
    from (select value ->> 0 as id, value ->> 1 as source, value ->> 2 as target, value ->> 3 as dirty_since
      from json_each(${list})) as known
    where ${folders.id} = known.id`),
)

/** Returns rows `[id]`, in the order of the list. */
const insertFolders = prepared((query, { list, source, target }: Places<List & PairKey>) =>
  query.all<[number]>(sql`insert into ${folders} (pair_id, source, target, dirty_since)
    select ${idOfPair(source, target)}, value ->> 1, value ->> 2, value ->> 3 from json_each(${list}) where true returning id`),
)

/** Intents of all folders of a mailbox in one write, the mailbox itself with them where it is new. */
export async function intend(
  db: Database,
  fence: Fence,
  pair: PairKey,
  intents: readonly FolderIntent[],
): Promise<readonly FolderState[]> {
  const known = toList(intents.filter(({ id }) => id !== null))
  const added = toList(intents.filter(({ id }) => id === null))
  const [, , , , ids, states] = await db.write([
    holds(db, fence),
    insertPair(db, pair),
    expectFolders(db, { list: known, ...pair }),
    updateFolders(db, { list: known }),
    insertFolders(db, { list: added, ...pair }),
    selectFolders(db, pair),
  ])
  const stateOf = new Map(states.map((state) => [state.id, state]))
  const newIds = ids.flat().values()
  return intents.map(({ id }) => found(stateOf.get(id ?? newIds.next().value ?? 0)))
}

const toList = (intents: readonly FolderIntent[]): string =>
  JSON.stringify(
    intents.map(({ id, source, target, dirtySince }) => [id, toJson(source), toJson(target), toJson(dirtySince)]),
  )

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('Cannot find a folder of the mailbox in the database')
  return value
}
