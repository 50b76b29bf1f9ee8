import type { Endpoint } from '../domain/endpoint.ts'
import type { Connector } from './connector.ts'
import { createImapConnector } from './imap/connector.ts'

export type Connectors = Readonly<Record<Endpoint['protocol'], Connector>>

/** One for each protocol that an endpoint may speak. */
export const createConnectors = (): Connectors => ({ imap: createImapConnector() })
