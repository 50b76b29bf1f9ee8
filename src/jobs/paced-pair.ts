import type { Work } from '../../db/queries/work.ts'
import type { MailReader } from '../connectors/connector.ts'
import { type Passage, paced } from '../connectors/decorate.ts'
import type { Endpoint } from '../domain/endpoint.ts'
import type { Direction } from '../domain/endpoint-caps.ts'
import type { Side } from '../domain/fault.ts'
import { amended } from './amended.ts'
import type { EndpointMeters } from './endpoint-meters.ts'
import type { HeldPair } from './further-pairs.ts'
import type { HeldSession } from './open-session.ts'

/** Whether what the source gives goes on to the target. */
export type Flow = 'copy' | 'compare'

/** What the mail of either session has to pass. */
export type Ways = Readonly<Record<Side, readonly Passage[]>>

/** Throws the fault for which no mail may move now. */
export function waysOf(
  meters: EndpointMeters,
  { user, source, target }: Pick<Work, 'user' | 'source' | 'target'>,
  flow: Flow,
): Ways {
  const of = (side: Side, { id }: Endpoint, userName: string, direction: Direction) => ({
    endpointId: id,
    mailbox: userName.toLowerCase(),
    side,
    direction,
  })
  const fromSource = of('source', source, user.sourceUserName, 'read')
  const fromTarget = of('target', target, user.targetUserName, 'read')
  const toTarget = of('target', target, user.targetUserName, 'written')
  const ahead = [fromSource, flow === 'copy' ? toTarget : fromTarget]
  for (const one of ahead) meters.check(one)
  return {
    source: (flow === 'copy' ? ahead : [fromSource]).map((one) => meters.passage(one)),
    target: [meters.passage(fromTarget)],
  }
}

/** The same pair, whose mail passes that way: what is read is held back for both endpoints, and nothing where it is written. */
export const pacedPair = ({ source, target }: HeldPair, ways: Ways, signal: AbortSignal): HeldPair => ({
  source: pacedSession(source, ways.source, signal),
  target: pacedSession(target, ways.target, signal),
})

const pacedSession = <Session extends MailReader>(
  held: HeldSession<Session>,
  passages: readonly Passage[],
  signal: AbortSignal,
): HeldSession<Session> => ({ ...held, session: amended(held.session, paced(held.session, passages, signal)) })
