import { type EndpointActivity, endpointActivities } from '../../db/queries/endpoint-use.ts'
import type { Endpoint } from '../domain/endpoint.ts'
import { dayOf } from '../domain/endpoint-caps.ts'
import { type Load, type Origin, originsOf, type Preset, presetOf } from '../domain/endpoint-presets.ts'
import { movesAt } from '../domain/working-hours.ts'
import type { Context, Pressure } from './context.ts'
import { loadNow } from './endpoint-limits.ts'

/** What an endpoint is doing, what it waits for, and where its limits come from. */
export interface EndpointStanding extends EndpointActivity {
  /** Until when its working hours let no pass begin, milliseconds UTC; null: passes begin now. */
  readonly closedUntil: number | null
  /** Until when the endpoint is left in peace, because it asked for it or did not answer; null: it is not. */
  readonly heldUntil: number | null
  /** Users at a time that it bears now, by what it answered; null: as many as are set. */
  readonly allowedNow: number | null
  readonly preset: Preset | null
  readonly origins: Readonly<Record<keyof Load, Origin>>
}

/** Of all of them as of one moment, in their order. */
export async function endpointStandings(
  { db, clock, pressed }: Context,
  endpoints: readonly Endpoint[],
): Promise<readonly EndpointStanding[]> {
  const now = clock.now()
  const activities = await endpointActivities(db, dayOf(now))
  const pressures = pressed()
  return endpoints.map((endpoint) => ({
    ...idle,
    ...activities.get(endpoint.id),
    ...rulesOf(endpoint, now),
    ...pressureOf(pressures.get(endpoint.id), now),
  }))
}

const idle: EndpointActivity = { migrations: 0, incrementalSyncs: 0, bytesReadToday: 0, bytesWrittenToday: 0 }

const pressureOf = (pressure: Pressure | undefined, now: number) => ({
  heldUntil: pressure?.heldForMs == null ? null : now + pressure.heldForMs,
  allowedNow: pressure?.allowed ?? null,
})

function rulesOf(endpoint: Endpoint, now: number) {
  const { server, caps } = endpoint
  const hours = caps.workingHours && movesAt(caps.workingHours, now)
  return {
    closedUntil: hours && !hours.moves ? hours.until : null,
    preset: presetOf(server.host),
    origins: originsOf(server.host, loadNow(endpoint)),
  }
}
