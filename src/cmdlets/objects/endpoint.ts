import type { Endpoint, Security } from '../../domain/endpoint.ts'
import type { CmdletObject } from '../cmdlet.ts'
import { guidOf } from '../guid.ts'

const securityWords: Record<Security, string> = { none: 'None', ssl: 'Ssl', tls: 'Tls' }

/** An endpoint as Get-MigrationEndpoint puts it out; `active` counts the users that run there now. */
export const migrationEndpoint = (
  { id, name, server, adminName, limits }: Endpoint,
  active: { readonly migrations: number; readonly incrementalSyncs: number },
): CmdletObject => ({
  Identity: name,
  Guid: guidOf('endpoint', id),
  EndpointType: 'IMAP',
  RemoteServer: server.host,
  Port: server.port,
  Security: securityWords[server.security],
  Authentication: 'Basic',
  Username: adminName,
  AcceptUntrustedCertificates: server.acceptsUntrustedCertificates,
  MaxConcurrentMigrations: limits.concurrentMigrationsMax,
  MaxConcurrentIncrementalSyncs: limits.concurrentIncrementalSyncsMax,
  ActiveMigrationCount: active.migrations,
  ActiveIncrementalSyncCount: active.incrementalSyncs,
  IsRemote: true,
  IsValid: true,
})
