import type { Statement } from '../../db/client.ts'
import { ConstraintFailed, GuardFailed } from '../../db/faults.ts'
import { renameTargets } from '../../db/queries/batch-edits.ts'
import {
  type EndpointUse,
  endpointIsAtRest,
  endpointUses,
  goOnUnderCaps,
  lookAgainAt,
  underWay,
} from '../../db/queries/endpoint-use.ts'
import { adminPasswordPlace, sealedAdminPassword, updateEndpoint } from '../../db/queries/endpoints.ts'
import { mailboxName, serverName } from '../domain/access.ts'
import { defaultPort, type Endpoint, type ServerAddress } from '../domain/endpoint.ts'
import { type Load, loadAt } from '../domain/endpoint-presets.ts'
import { Refusal } from '../domain/refusal.ts'
import { batchStatusWords } from '../domain/status.ts'
import type { Context } from './context.ts'
import { endpointProblems, takenName } from './endpoint-checks.ts'
import { changeEndpointLimits, loadNow, loadOf } from './endpoint-limits.ts'
import { getEndpoint } from './find.ts'

/** What may be changed of an endpoint; what is undefined stays as it is. */
export interface EndpointChanges extends Partial<Load> {
  readonly name?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly security?: ServerAddress['security'] | undefined
  readonly acceptsUntrustedCertificates?: boolean | undefined
  readonly ca?: string | null | undefined
  readonly login?: string | undefined
  readonly usesAuthzid?: boolean | undefined
  readonly adminName?: string | null | undefined
  /** Null forgets the one that is kept. */
  readonly adminPassword?: string | null | undefined
  readonly isHome?: boolean | undefined
}

export interface EndpointEdit {
  readonly endpoint: Endpoint
  /** What follows from the change, each a sentence. */
  readonly notes: readonly string[]
}

/**
 * Limits and caps are changed at any time and with effect at once; all else only while no batch on the endpoint runs.
 * Another host or port is another server: what was copied from or to the one is not known of the other.
 */
export async function changeEndpoint(
  context: Context,
  nameOrId: string | number,
  changes: EndpointChanges,
): Promise<EndpointEdit> {
  const { id } = await getEndpoint(context, nameOrId)
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  if (given.length === Object.keys(loadOf(changes)).length)
    return { endpoint: await changeEndpointLimits(context, id, changes), notes: [] }
  const uses = await endpointUses(context.db, id)
  const notes = await inTurns(context, uses, () => edit(context, id, changes))
  for (const { batchId } of uses) context.forgive({ batchId })
  context.renewed(id)
  context.wake()
  return { endpoint: await getEndpoint(context, id), notes }
}

/** Nobody starts, changes or fills one of the batches meanwhile. */
const inTurns = <T>(context: Context, uses: readonly EndpointUse[], work: () => Promise<T>): Promise<T> =>
  [...uses]
    .sort((a, b) => a.batchId - b.batchId)
    .reduceRight(
      (inner, { batchId }) =>
        () =>
          context.turns.take(batchId, inner),
      work,
    )()

type Row = ReturnType<typeof wantedRow>

async function edit(context: Context, id: number, changes: EndpointChanges): Promise<readonly string[]> {
  const { db, clock } = context
  const [before, sealed, uses] = [
    await getEndpoint(context, id),
    await sealedAdminPassword(db, id),
    await endpointUses(db, id),
  ]
  const row = wantedRow(before, changes)
  const problems = endpointProblems(row, changes.adminPassword)
  if (problems.length > 0)
    throw new Refusal('invalid', `Cannot change the endpoint "${before.name}": ${problems[0]?.message}`, problems)
  refuseWhileUnderWay(before, uses)
  const adminPassword = await sealedAnew(context, before, sealed, row, changes)
  const isElsewhere = serverName(before) !== serverName({ server: row })
  // Ahead of the change: to look too often harms nobody.
  if (isElsewhere) await lookAgainAt(db, serverName({ server: row }))
  try {
    await db.write([
      endpointIsAtRest(db, id, { name: before.name, adminPassword: sealed, uses }),
      updateEndpoint(db, id, { ...row, adminPassword }),
      ...(isElsewhere ? await movedTargets(context, row, uses) : []),
      ...goOnUnderCaps(db, id, clock.now()),
    ])
  } catch (error) {
    if (error instanceof ConstraintFailed) throw takenName('change', row.name, error)
    if (!(error instanceof GuardFailed)) throw error
    refuseWhileUnderWay(before, await endpointUses(db, id))
    throw new Refusal('conflict', `Cannot change the endpoint "${before.name}": it was changed meanwhile`)
  }
  return isElsewhere ? notesOf(before, row, uses) : []
}

function wantedRow(before: Endpoint, changes: EndpointChanges) {
  const { server, signIn } = before
  const host = changes.host ?? server.host
  const security = changes.security ?? server.security
  const isUsualPort = server.port === defaultPort[server.security]
  const load = { host: server.host, load: loadNow(before) }
  return {
    name: changes.name ?? before.name,
    host,
    port: changes.port ?? (isUsualPort ? (defaultPort[security] ?? server.port) : server.port),
    security,
    acceptsUntrustedCertificates: changes.acceptsUntrustedCertificates ?? server.acceptsUntrustedCertificates,
    ca: changes.ca === undefined ? server.ca : changes.ca || null,
    login: changes.login ?? signIn.login,
    usesAuthzid: changes.usesAuthzid ?? signIn.usesAuthzid,
    adminName: changes.adminName === undefined ? before.adminName : changes.adminName || null,
    isHome: changes.isHome ?? before.isHome,
    ...(host === server.host ? load.load : loadAt(host, load)),
    ...loadOf(changes),
  }
}

function refuseWhileUnderWay({ name }: Endpoint, uses: readonly EndpointUse[]): void {
  const busy = uses.find(({ status, isPublished }) => !isPublished || underWay.includes(status))
  if (busy === undefined) return
  const what = busy.isPublished ? batchStatusWords[busy.status] : 'being made'
  throw new Refusal(
    'wrong-state',
    `Cannot change the endpoint "${name}" while the batch "${busy.batchName}" is ${what}: only its limits can be changed now`,
  )
}

/** Sealed for the place that its name is: one that was kept is sealed anew with another name. */
async function sealedAnew(
  { vault }: Context,
  before: Endpoint,
  sealed: string | null,
  row: Row,
  { adminPassword }: EndpointChanges,
): Promise<string | null> {
  const place = adminPasswordPlace(row.name)
  if (adminPassword) return await vault.seal(adminPassword, place)
  if (adminPassword !== undefined || sealed === null || row.adminName === null) return null
  if (row.name.toLowerCase() === before.name.toLowerCase()) return sealed
  return await vault.seal(await vault.open(sealed, adminPasswordPlace(before.name)), place)
}

/** Jobs of users are locked by the mailbox that they write to, which is another one now. */
async function movedTargets({ db }: Context, row: Row, uses: readonly EndpointUse[]): Promise<readonly Statement[]> {
  const mailboxOf = (userName: string): string => mailboxName({ server: row }, { userName, userRoot: null })
  const ofTargets = uses.filter(({ isTarget }) => isTarget).map(({ batchId }) => renameTargets(db, batchId, mailboxOf))
  return (await Promise.all(ofTargets)).flat()
}

function notesOf(before: Endpoint, row: Row, uses: readonly EndpointUse[]): readonly string[] {
  if (uses.length === 0) return []
  const names = uses.map(({ batchName }) => `"${batchName}"`).join(', ')
  return [
    `${serverName({ server: row })} is another server than ${serverName(before)}: what was copied is known of that one only, and stays known should the endpoint go back to it`,
    `The next pass of ${names} compares both mailboxes of each user, adopts what is at the target already and copies the rest: nothing is copied twice`,
  ]
}
