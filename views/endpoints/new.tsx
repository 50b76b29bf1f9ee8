/** @jsxImportSource hono/jsx */

import type { FC } from 'hono/jsx'
import { endpointLimitDefaults } from '../../src/domain/endpoint.ts'
import { Crumbs, Layout } from '../layout.tsx'
import { Choice, Field, Group, TextArea, Tick } from '../parts/field.tsx'
import { Problems, type Refused } from '../parts/problems.tsx'
import { Submit } from '../parts/submit.tsx'
import { securityLabel } from './endpoint.ts'

/** What was typed, to be shown again: everything but the password. */
export interface EndpointDraft {
  readonly name: string
  readonly host: string
  readonly port: string
  readonly security: string
  readonly acceptsUntrustedCertificates: boolean
  readonly ca: string
  /** `own`, `pattern` or `authzid`. */
  readonly method: string
  readonly login: string
  readonly adminName: string
  readonly isHome: boolean
  readonly concurrentMigrationsMax: string
  readonly concurrentIncrementalSyncsMax: string
  readonly connectionsMax: string
}

export const emptyEndpointDraft: EndpointDraft = {
  name: '',
  host: '',
  port: '',
  security: 'ssl',
  acceptsUntrustedCertificates: false,
  ca: '',
  method: 'own',
  login: '{user}*{admin}',
  adminName: '',
  isHome: false,
  concurrentMigrationsMax: String(endpointLimitDefaults.concurrentMigrationsMax),
  concurrentIncrementalSyncsMax: String(endpointLimitDefaults.concurrentIncrementalSyncsMax),
  connectionsMax: String(endpointLimitDefaults.connectionsMax),
}

export const NewEndpointPage: FC<{ draft: EndpointDraft; refused: Refused | null }> = ({ draft, refused }) => (
  <Layout title="New endpoint" place="endpoints">
    <Crumbs trail={[['/endpoints', 'Endpoints']]} />
    <h1>New endpoint</h1>
    <form method="post" action="/endpoints" hx-post="/endpoints" hx-target="#problems" hx-swap="outerMorph show:top">
      <Problems refused={refused} />
      <Server draft={draft} />
      <SignIn draft={draft} />
      <Limits draft={draft} />
      <Submit icon="plus" words="Create the endpoint" look="primary" />
    </form>
  </Layout>
)

interface Part {
  draft: EndpointDraft
}

const Server: FC<Part> = ({ draft }) => (
  <Group title="Server">
    <Field name="name" label="Name" value={draft.name} isRequired max={64} hint="As you call it: old, new, office." />
    <div class="pair">
      <Field name="host" label="Host" value={draft.host} isRequired placeholder="imap.example.org" />
      <Field
        name="port"
        label="Port"
        type="number"
        max={65535}
        value={draft.port}
        hint="Empty: 993 with TLS from the start, else 143."
      />
    </div>
    <Choice
      name="security"
      label="Security"
      value={draft.security}
      options={Object.entries(securityLabel)}
      hint="None sends passwords and mail readable through the network: only for a server on this machine."
    />
    <details open={draft.ca !== '' || draft.acceptsUntrustedCertificates}>
      <summary>The certificate is not from a public authority</summary>
      <TextArea
        name="ca"
        label="Certificate authorities to trust (PEM)"
        value={draft.ca}
        placeholder="-----BEGIN CERTIFICATE-----"
      />
      <Tick
        name="acceptsUntrustedCertificates"
        label="Accept any certificate"
        isOn={draft.acceptsUntrustedCertificates}
        hint="Whoever stands between this machine and the server can then read everything."
      />
    </details>
    <Tick
      name="isHome"
      label="This is home"
      isOn={draft.isHome}
      hint="A batch to here is an onboarding, one from here an offboarding."
    />
  </Group>
)

const SignIn: FC<Part> = ({ draft }) => (
  <Group title="Sign-in">
    <Choice
      name="method"
      label="Mailboxes are opened"
      value={draft.method}
      options={[
        ['own', 'each by its own user name and password'],
        ['pattern', 'by an administrator, with a login such as {user}*{admin}'],
        ['authzid', 'by an administrator, on behalf of each user (SASL PLAIN)'],
      ]}
    />
    <details open={draft.method !== 'own'}>
      <summary>Administrator</summary>
      <div class="pair">
        <Field name="adminName" label="Name" value={draft.adminName} />
        <Field name="adminPassword" label="Password" type="password" hint="Kept sealed, and never shown again." />
      </div>
      <Field
        name="login"
        label="Login"
        value={draft.login}
        hint="{user} stands for the user name of a row, {admin} for the administrator. Only with the second way above."
      />
    </details>
  </Group>
)

const Limits: FC<Part> = ({ draft }) => (
  <Group title="Limits">
    <div class="trio">
      <Field
        name="concurrentMigrationsMax"
        label="Mailboxes at a time"
        type="number"
        max={300}
        value={draft.concurrentMigrationsMax}
      />
      <Field
        name="concurrentIncrementalSyncsMax"
        label="in later passes"
        type="number"
        max={300}
        value={draft.concurrentIncrementalSyncsMax}
      />
      <Field name="connectionsMax" label="Connections" type="number" max={1000} value={draft.connectionsMax} />
    </div>
  </Group>
)
