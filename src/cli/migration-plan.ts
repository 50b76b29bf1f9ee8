import type { Side } from '../domain/fault.ts'
import type { NewEndpoint } from '../operations/endpoints.ts'
import { Failure } from './failure.ts'
import type { Options } from './options.ts'
import { readBytes, readSecret, readText, secretPlaces } from './secrets.ts'
import { parseLogin, parseServerUrl } from './server-url.ts'
import type { Shell } from './shell.ts'

/** All that a one-shot migration is asked to do. */
export interface MigrationPlan {
  readonly source: NewEndpoint
  readonly target: NewEndpoint
  readonly batchName: string
  readonly csv: Uint8Array
  readonly allowsUnknownColumns: boolean
  readonly passes: number
  readonly verifies: boolean
  readonly readsData: boolean
}

/** Reads the command line and the files that it names. */
export async function planMigration(options: Options, shell: Shell): Promise<MigrationPlan> {
  refuseSharedInput(options)
  return {
    source: await endpointOf('source', options, shell),
    target: await endpointOf('target', options, shell),
    batchName: 'migrate',
    csv: await readBytes(shell, options.need('csv'), 'the CSV file'),
    allowsUnknownColumns: options.has('allow-unknown-columns'),
    passes: options.count('passes') ?? 1,
    verifies: options.has('verify') || options.has('read-data'),
    readsData: options.has('read-data'),
  }
}

async function endpointOf(side: Side, options: Options, shell: Shell): Promise<NewEndpoint> {
  const trusting = options.list('accept-untrusted-certificates')
  const concurrency = options.count('concurrency')
  const ca = options.text(`${side}-ca`)
  return {
    name: `migrate ${side}`,
    ...parseServerUrl(options.need(side)),
    ...(await signInOf(side, options, shell)),
    acceptsUntrustedCertificates: trusting.includes(side) || trusting.includes('both'),
    ca: ca === null ? null : await readText(shell, ca, 'the file of certificate authorities'),
    ...(concurrency !== null && {
      concurrentMigrationsMax: concurrency,
      concurrentIncrementalSyncsMax: concurrency,
      // Room for a connection that is ending beside the one that begins.
      connectionsMax: Math.max(2 * concurrency, 40),
    }),
  }
}

type SignInOptions = Pick<NewEndpoint, 'login' | 'usesAuthzid' | 'adminName' | 'adminPassword'>

async function signInOf(side: Side, options: Options, shell: Shell): Promise<SignInOptions> {
  const adminName = options.text(`${side}-admin`)
  const file = options.text(`${side}-password-file`)
  const signIn = parseLogin(options.text(`${side}-login`) ?? 'user')
  const isByAdmin = signIn.usesAuthzid || signIn.login.includes('{admin}')
  if (isByAdmin && adminName === null)
    refuse(`--${side}-login signs in by an administrator: name one with --${side}-admin`)
  if (!isByAdmin && adminName !== null)
    refuse(`--${side}-admin needs --${side}-login: authzid or a pattern such as {user}*{admin}`)
  if (adminName === null && file !== null)
    refuse(`--${side}-password-file is for an administrator: name one with --${side}-admin`)
  if (adminName === null) return { ...signIn, adminName }
  const adminPassword = await readSecret(shell, secretPlaces[side], file)
  if (adminPassword === null) {
    refuse(`--${side}-admin needs a password: --${side}-password-file FILE or ${secretPlaces[side].variable}`)
  }
  return { ...signIn, adminName, adminPassword }
}

/** The standard input can be read only once. */
function refuseSharedInput(options: Options): void {
  const readers = ['csv', 'source-password-file', 'target-password-file'].filter((name) => options.text(name) === '-')
  if (readers.length > 1) refuse(`Only one option can read the standard input: --${readers.join(' and --')} name it`)
}

function refuse(message: string): never {
  throw new Failure('usage', message.replace(/^--/, 'Option --'))
}
