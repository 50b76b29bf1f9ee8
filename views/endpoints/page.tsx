/** @jsxImportSource hono/jsx */

import type { FC } from 'hono/jsx'
import type { Endpoint, ProbeReport } from '../../src/domain/endpoint.ts'
import { bytes } from '../format.ts'
import { Crumbs, Layout } from '../layout.tsx'
import { Action } from '../parts/action.tsx'
import { Field } from '../parts/field.tsx'
import { Problems, type Refused } from '../parts/problems.tsx'
import { Submit } from '../parts/submit.tsx'
import { Time } from '../parts/time.tsx'
import { securityLabel, signInLabel } from './endpoint.ts'
import { Ladder } from './ladder.tsx'

interface EndpointPageProps {
  endpoint: Endpoint
  /** What a test has just found, or null. */
  probe: ProbeReport | null
  refused: Refused | null
}

export const EndpointPage: FC<EndpointPageProps> = ({ endpoint, probe, refused }) => (
  <Layout title={endpoint.name} place="endpoints">
    <Crumbs trail={[['/endpoints', 'Endpoints']]} />
    <h1>{endpoint.name}</h1>
    <Problems refused={refused} />
    <Facts endpoint={endpoint} />
    <section aria-labelledby="test">
      <h2 id="test">Test</h2>
      <TestForm endpoint={endpoint} />
      <Ladder report={probe} />
    </section>
    <section aria-labelledby="remove">
      <h2 id="remove">Remove</h2>
      <p class="muted">An endpoint that a batch uses cannot be removed.</p>
      <Action to={`/endpoints/${endpoint.id}/removal`} icon="trash" words="Remove the endpoint" />
    </section>
  </Layout>
)

const Facts: FC<{ endpoint: Endpoint }> = ({ endpoint }) => {
  const { server, limits } = endpoint
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['Server', `${server.host}:${server.port}`],
    ['Security', securityLabel[server.security]],
    [
      'Certificate',
      server.acceptsUntrustedCertificates ? 'any is accepted' : server.ca ? 'own authorities' : 'public authorities',
    ],
    ['Sign-in', signInLabel(endpoint)],
    ['Administrator', endpoint.adminName ?? '–'],
    [
      'Mailboxes at a time',
      `${limits.concurrentMigrationsMax}, ${limits.concurrentIncrementalSyncsMax} in later passes`,
    ],
    ['Connections', String(limits.connectionsMax)],
    ['Largest message', bytes(limits.literalBytesMax)],
    ['Home', endpoint.isHome ? 'yes' : 'no'],
  ]
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div>
        <dt>Created</dt>
        <dd>
          <Time at={endpoint.createdAt} />
        </dd>
      </div>
    </dl>
  )
}

const TestForm: FC<{ endpoint: Endpoint }> = ({ endpoint }) => (
  <form
    class="panel"
    method="post"
    action={`/endpoints/${endpoint.id}/test`}
    hx-post={`/endpoints/${endpoint.id}/test`}
    hx-target="#ladder"
    hx-swap="outerHTML"
  >
    <div class="pair">
      <Field name="userName" label="User name of a mailbox" hint="Empty: the test ends before the sign-in." />
      <Field
        name="password"
        label="Password"
        type="password"
        hint={
          endpoint.hasAdminPassword ? 'Empty: the administrator signs in.' : 'Used for this test only, and not kept.'
        }
      />
    </div>
    <Submit icon="play" words="Test" />
  </form>
)
