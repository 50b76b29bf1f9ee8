/** @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import { Ladder } from '../../../views/endpoints/ladder.tsx'
import { EndpointListPage } from '../../../views/endpoints/list.tsx'
import { type EndpointDraft, emptyEndpointDraft, NewEndpointPage } from '../../../views/endpoints/new.tsx'
import { EndpointPage } from '../../../views/endpoints/page.tsx'
import { Problems } from '../../../views/parts/problems.tsx'
import { defaultPort, type Security } from '../../domain/endpoint.ts'
import {
  createEndpoint,
  listEndpoints,
  type NewEndpoint,
  removeEndpoint,
  showEndpoint,
  testEndpoint,
} from '../../operations/endpoints.ts'
import { asRefused, formAgain, page, seeOther } from '../answers.tsx'
import { type Form, readForm, smallBody } from '../body.ts'
import { type Ctx, contextOf, type Env, wantsFragment } from '../environment.ts'
import { problemOf } from '../problems.ts'

const idOf = (c: Ctx): string => c.req.param('id') ?? ''

/** Mail servers: their list, their form, their test. */
export function endpointRoutes(): Hono<Env> {
  const app = new Hono<Env>()

  app.get('/endpoints', async (c) => page(c, <EndpointListPage endpoints={await listEndpoints(contextOf(c))} />))
  app.get('/endpoints/new', (c) => page(c, <NewEndpointPage draft={emptyEndpointDraft} refused={null} />))
  app.post('/endpoints', smallBody, create)

  app.get('/endpoints/:id', async (c) => {
    const endpoint = await showEndpoint(contextOf(c), idOf(c))
    return page(c, <EndpointPage endpoint={endpoint} probe={null} refused={null} />)
  })

  app.post('/endpoints/:id/test', smallBody, test)

  app.post('/endpoints/:id/removal', async (c) => {
    const endpoint = await showEndpoint(contextOf(c), idOf(c))
    try {
      await removeEndpoint(contextOf(c), endpoint.id)
      return seeOther(c, '/endpoints')
    } catch (error) {
      const refused = asRefused(error)
      const { status } = problemOf(refused)
      return page(c, <EndpointPage endpoint={endpoint} probe={null} refused={refused} />, status)
    }
  })
  return app
}

async function create(c: Ctx): Promise<Response> {
  const form = await readForm(c)
  const draft = draftOf(form)
  try {
    const endpoint = await createEndpoint(contextOf(c), newEndpoint(draft, form.secret('adminPassword')))
    return seeOther(c, `/endpoints/${endpoint.id}`)
  } catch (error) {
    const refused = asRefused(error)
    return formAgain(
      c,
      refused,
      () => <NewEndpointPage draft={draft} refused={refused} />,
      () => <Problems refused={refused} />,
    )
  }
}

async function test(c: Ctx): Promise<Response> {
  const endpoint = await showEndpoint(contextOf(c), idOf(c))
  const form = await readForm(c)
  const mailbox = { userName: form.text('userName') || undefined, password: form.secret('password') }
  try {
    const probe = await testEndpoint(contextOf(c), endpoint.id, mailbox)
    if (wantsFragment(c)) return c.html(String(<Ladder report={probe} />))
    return page(c, <EndpointPage endpoint={endpoint} probe={probe} refused={null} />)
  } catch (error) {
    const refused = asRefused(error)
    return formAgain(
      c,
      refused,
      () => <EndpointPage endpoint={endpoint} probe={null} refused={refused} />,
      () => <Ladder report={null} refused={refused} />,
    )
  }
}

const draftOf = (form: Form): EndpointDraft => ({
  name: form.text('name'),
  host: form.text('host'),
  port: form.text('port'),
  security: form.text('security'),
  acceptsUntrustedCertificates: form.isOn('acceptsUntrustedCertificates'),
  ca: form.text('ca'),
  method: form.text('method'),
  login: form.text('login'),
  adminName: form.text('adminName'),
  isHome: form.isOn('isHome'),
  concurrentMigrationsMax: form.text('concurrentMigrationsMax'),
  concurrentIncrementalSyncsMax: form.text('concurrentIncrementalSyncsMax'),
  connectionsMax: form.text('connectionsMax'),
})

/** An administrator counts only where one is to sign in: a password that opens nothing is not kept. */
function newEndpoint(draft: EndpointDraft, adminPassword: string | undefined): NewEndpoint {
  const hasAdmin = draft.method === 'pattern' || draft.method === 'authzid'
  return {
    name: draft.name,
    host: draft.host,
    port: numberOf(draft.port),
    security: securityOf(draft.security),
    acceptsUntrustedCertificates: draft.acceptsUntrustedCertificates,
    ca: draft.ca || null,
    login: draft.method === 'pattern' ? draft.login : '{user}',
    usesAuthzid: draft.method === 'authzid',
    adminName: (hasAdmin && draft.adminName) || null,
    adminPassword: (hasAdmin && adminPassword) || null,
    isHome: draft.isHome,
    concurrentMigrationsMax: numberOf(draft.concurrentMigrationsMax),
    concurrentIncrementalSyncsMax: numberOf(draft.concurrentIncrementalSyncsMax),
    connectionsMax: numberOf(draft.connectionsMax),
  }
}

/** Text that is no number stays wrong, for the operation to say so. */
const numberOf = (text: string): number | undefined => (text === '' ? undefined : Number(text))

const securityOf = (text: string): Security =>
  (Object.keys(defaultPort) as Security[]).find((known) => known === text) ?? 'ssl'
