/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { Endpoint } from '../../src/domain/endpoint.ts'
import { Layout } from '../layout.tsx'
import { Empty } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { securityLabel, signInLabel } from './endpoint.ts'

export const EndpointListPage: FC<{ endpoints: readonly Endpoint[] }> = ({ endpoints }) => (
  <Layout title="Endpoints" place="endpoints">
    <div class="title">
      <h1>Endpoints</h1>
      {endpoints.length > 0 && (
        <a class="button primary" href="/endpoints/new">
          <Icon name="plus" /> New endpoint
        </a>
      )}
    </div>
    {endpoints.length > 0 ? (
      <EndpointTable endpoints={endpoints} />
    ) : (
      <Empty
        title="No endpoint yet"
        text="An endpoint tells how to reach one mail server. A migration needs two: the one that mail comes from and the one that it goes to."
        href="/endpoints/new"
        action="Add the first endpoint"
      />
    )}
  </Layout>
)

const EndpointTable: FC<{ endpoints: readonly Endpoint[] }> = ({ endpoints }) => (
  <table class="cards">
    <thead>
      <tr>
        <th scope="col">Name</th>
        <th scope="col">Server</th>
        <th scope="col">Security</th>
        <th scope="col">Sign-in</th>
        <th scope="col" class="number">
          Mailboxes at a time
        </th>
      </tr>
    </thead>
    <tbody>
      {endpoints.map((endpoint) => (
        <tr>
          <th scope="row">
            <a href={`/endpoints/${endpoint.id}`}>{endpoint.name}</a>
            {endpoint.isHome && <span class="tag">home</span>}
          </th>
          <td data-label="Server">{`${endpoint.server.host}:${endpoint.server.port}`}</td>
          <td data-label="Security">{securityLabel[endpoint.server.security]}</td>
          <td data-label="Sign-in">{signInLabel(endpoint)}</td>
          <td data-label="Mailboxes at a time" class="number">
            {endpoint.limits.concurrentMigrationsMax}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)
