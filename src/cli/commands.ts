import type { Side } from '../domain/fault.ts'
import { batchOptions, userSettingOptions } from './batch-options.ts'
import { capOptions } from './caps.ts'
import type { OptionSpec } from './options.ts'
import type { Verb } from './verb.ts'

const asks = ['data', 'output'] as const
const batchArg = [['batch', 'Name or id of the batch']] as const
const endpointArg = [['endpoint', 'Name or id of the endpoint']] as const
const userArg = [['user', 'Email address or id of the user']] as const

const csvOption: OptionSpec = {
  flags: '--csv <file>',
  sentence:
    'The mailboxes: EmailAddress, UserName, Password, UserRoot, TargetUserName, TargetPassword; - is the standard input',
  isRequired: true,
}
const readDataOption: OptionSpec = { flags: '--read-data', sentence: 'Read every message again and compare its bytes' }
const ofBatchOption: OptionSpec = {
  flags: '--batch <batch>',
  sentence: 'The batch, where the address stands in several',
}

const signInOptions = (side: Side): OptionSpec[] => [
  {
    flags: `--${side}-login <pattern>`,
    sentence: `Sign-in at the ${side}: user, authzid or a pattern such as {user}*{admin} (default user)`,
  },
  { flags: `--${side}-admin <name>`, sentence: `Administrator of the ${side} who signs in for the users` },
  {
    flags: `--${side}-password-file <file>`,
    sentence: `File with the password of that administrator (or POSTFERRY_${side.toUpperCase()}_PASSWORD)`,
  },
  { flags: `--${side}-ca <file>`, sentence: `Further certificate authorities of the ${side}, as PEM` },
]

const limitOptions = (migrations: string, incrementalSyncs: string, connections: string): OptionSpec[] => [
  { flags: '--max-concurrent-migrations <number>', sentence: `Mailboxes at a time${migrations}`, isCount: true },
  {
    flags: '--max-concurrent-incremental-syncs <number>',
    sentence: `Mailboxes at a time in incremental passes${incrementalSyncs}`,
    isCount: true,
  },
  {
    flags: '--max-connections <number>',
    sentence: `Connections at a time, those that are kept between passes included${connections}`,
    isCount: true,
  },
]

const serverOptions: readonly OptionSpec[] = [
  { flags: '--server <url>', sentence: 'imaps://HOST[:PORT], imap+starttls://… or imap://…' },
  { flags: '--login <pattern>', sentence: 'Sign-in: user, authzid or a pattern such as {user}*{admin}' },
  { flags: '--admin-name <name>', sentence: 'Administrator who signs in for the users, or none' },
  {
    flags: '--admin-password-file <file>',
    sentence: 'File with the password of that administrator (or POSTFERRY_ADMIN_PASSWORD)',
  },
  { flags: '--ca <file>', sentence: 'Further certificate authorities, as PEM, or none' },
]

/** Every verb: what the help prints, what is parsed, and where the code is. */
export const verbs: readonly Verb[] = [
  {
    path: 'serve',
    sentence: 'Run the server with its pages and its API',
    settings: ['data', 'listen', 'keptConnections', 'openBatches'],
    examples: ['postferry serve', 'postferry serve --data /srv/postferry --listen 127.0.0.1:8480'],
    load: async () => (await import('./serve.ts')).serve,
  },
  {
    path: 'demo',
    sentence: 'Watch a migration of made-up mailboxes between two small servers in this process',
    options: [{ flags: '--once', sentence: 'Without a page and as fast as it goes; prints the equation' }],
    settings: ['output'],
    examples: ['postferry demo', 'postferry demo --once'],
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    path: 'migrate',
    sentence: 'Migrate the mailboxes of a CSV file now, without a server or a page',
    options: [
      { flags: '--source <url>', sentence: 'imaps://HOST[:PORT], imap+starttls://… or imap://…', isRequired: true },
      { flags: '--target <url>', sentence: 'The same for the target', isRequired: true },
      csvOption,
      { flags: '--passes <number>', sentence: 'Passes to make, one after the other (default 1)', isCount: true },
      { flags: '--verify', sentence: 'Read both servers again afterwards and compare' },
      readDataOption,
      { flags: '--concurrency <number>', sentence: 'Mailboxes at a time (default 20)', isCount: true },
      ...signInOptions('source'),
      ...signInOptions('target'),
      {
        flags: '--accept-untrusted-certificates <side>',
        sentence: 'Do not check the certificate of this side',
        choices: ['source', 'target', 'both'],
        isRepeatable: true,
      },
      { flags: '--allow-unknown-columns', sentence: 'Pass over columns of the CSV that have no meaning here' },
      { flags: '--data <folder>', sentence: 'Folder that remembers what was copied (default: a temporary one)' },
    ],
    settings: ['output'],
    examples: [
      'postferry migrate --source imaps://imap.old.example --target imaps://imap.new.example --csv users.csv',
      'postferry migrate --source imap+starttls://imap.old.example --source-login "{user}*{admin}" \\\n' +
        '      --source-admin master --source-password-file master.txt --target imaps://imap.new.example \\\n' +
        '      --csv users.csv --data ./move --verify',
    ],
    load: async () => (await import('./migrate.ts')).migrate,
  },
  {
    path: 'endpoint create',
    alias: 'add',
    args: [['name', 'What the endpoint shall be called']],
    sentence: 'Tell how to reach a mail server',
    options: [
      { flags: '--server <url>', sentence: 'imaps://HOST[:PORT], imap+starttls://… or imap://…', isRequired: true },
      {
        flags: '--login <pattern>',
        sentence: 'Sign-in: user, authzid or a pattern such as {user}*{admin} (default user)',
      },
      { flags: '--admin-name <name>', sentence: 'Administrator who signs in for the users' },
      {
        flags: '--admin-password-file <file>',
        sentence: 'File with the password of that administrator (or POSTFERRY_ADMIN_PASSWORD)',
      },
      { flags: '--ca <file>', sentence: 'Further certificate authorities, as PEM' },
      { flags: '--accept-untrusted-certificates', sentence: 'Do not check the certificate' },
      { flags: '--home', sentence: 'Where a batch goes to or comes from that names only one endpoint' },
      ...limitOptions(' (default 20)', ' (default 10)', ' (default 40)'),
      ...capOptions,
    ],
    settings: asks,
    examples: [
      'postferry endpoint create old --server imaps://imap.old.example',
      'postferry endpoint create new --server imaps://imap.new.example --login "{user}*{admin}" \\\n' +
        '      --admin-name master --admin-password-file master.txt',
    ],
    load: async () => (await import('./endpoint.ts')).createEndpoint,
  },
  {
    path: 'endpoint list',
    sentence: 'List the endpoints',
    settings: asks,
    examples: ['postferry endpoint list', 'postferry endpoint list -o json'],
    load: async () => (await import('./endpoint.ts')).listEndpoints,
  },
  {
    path: 'endpoint show',
    args: endpointArg,
    sentence: 'Show one endpoint',
    settings: asks,
    examples: ['postferry endpoint show old', 'postferry endpoint show 1 -o json'],
    load: async () => (await import('./endpoint.ts')).showEndpoint,
  },
  {
    path: 'endpoint set',
    alias: 'change',
    args: endpointArg,
    sentence: 'Change an endpoint: limits at once, all else while no batch on it runs',
    options: [
      { flags: '--name <name>', sentence: 'Another name' },
      ...serverOptions,
      {
        flags: '--accept-untrusted-certificates <answer>',
        sentence: 'Do not check the certificate',
        choices: ['yes', 'no'],
      },
      { flags: '--home <answer>', sentence: 'Make it the home endpoint, or no longer', choices: ['yes', 'no'] },
      ...limitOptions('', '', ''),
      ...capOptions,
    ],
    settings: asks,
    examples: [
      'postferry endpoint set old --max-connections 15 --max-bytes-per-second 5MB',
      'postferry endpoint set old --server imaps://imap2.old.example --working-hours "mon-fri 18:00-06:00 Europe/Berlin"',
    ],
    load: async () => (await import('./endpoint.ts')).setEndpoint,
  },
  {
    path: 'endpoint test',
    args: [['[endpoint]', 'Name or id of the endpoint; without it the settings that are given are tested']],
    sentence: 'Try to reach and sign in to the server, step by step',
    options: [
      ...serverOptions,
      { flags: '--accept-untrusted-certificates', sentence: 'Do not check the certificate' },
      { flags: '--user <name>', sentence: 'A mailbox to sign in to' },
      { flags: '--password-file <file>', sentence: 'File with its password (or POSTFERRY_PASSWORD)' },
    ],
    settings: asks,
    examples: [
      'postferry endpoint test old --user alice --password-file alice.txt',
      'postferry endpoint test --server imaps://imap.old.example',
    ],
    load: async () => (await import('./endpoint.ts')).testEndpoint,
  },
  {
    path: 'endpoint remove',
    alias: 'rm',
    args: endpointArg,
    sentence: 'Remove an endpoint that no batch uses',
    settings: asks,
    examples: ['postferry endpoint remove old', 'postferry endpoint rm 1'],
    load: async () => (await import('./endpoint.ts')).removeEndpoint,
  },
  {
    path: 'batch create',
    alias: 'add',
    args: [['name', 'What the batch shall be called']],
    sentence: 'Make a batch from a CSV file',
    options: [
      { flags: '--source <endpoint>', sentence: 'Endpoint to copy from (default: the home endpoint)' },
      { flags: '--target <endpoint>', sentence: 'Endpoint to copy to (default: the home endpoint)' },
      csvOption,
      { flags: '--allow-unknown-columns', sentence: 'Pass over columns of the CSV that have no meaning here' },
      { flags: '--start', sentence: 'Start it at once' },
      ...batchOptions,
    ],
    settings: asks,
    examples: [
      'postferry batch create Sales --source old --target new --csv sales.csv --start',
      'postferry batch create Staff --source old --target new --csv - < staff.csv',
    ],
    load: async () => (await import('./batch.ts')).createBatch,
  },
  {
    path: 'batch set',
    args: batchArg,
    sentence: 'Change a batch; its endpoints only while nothing of it runs',
    options: [
      { flags: '--name <name>', sentence: 'What it shall be called' },
      { flags: '--source <endpoint>', sentence: 'Endpoint to copy from' },
      { flags: '--target <endpoint>', sentence: 'Endpoint to copy to' },
      ...batchOptions,
    ],
    settings: asks,
    examples: [
      'postferry batch set Sales --complete-after 2027-01-31T20:00 --time-zone Europe/Berlin',
      'postferry batch set Sales --exclude-folder "#JunkEmail#" --exclude-folder "Lists/*"',
    ],
    load: async () => (await import('./batch.ts')).setBatch,
  },
  {
    path: 'batch add-users',
    args: batchArg,
    sentence: 'Add the mailboxes of a CSV file whose addresses are new in the batch',
    options: [csvOption],
    settings: asks,
    examples: ['postferry batch add-users Sales --csv more.csv', 'postferry batch add-users Sales --csv - < more.csv'],
    load: async () => (await import('./batch.ts')).addUsers,
  },
  {
    path: 'batch skipped',
    args: batchArg,
    sentence: 'List what was skipped of all users of a batch',
    settings: asks,
    examples: ['postferry batch skipped Sales', 'postferry batch skipped Sales -o csv'],
    load: async () => (await import('./approval.ts')).listSkippedOfBatch,
  },
  {
    path: 'batch approve',
    args: batchArg,
    sentence: 'Approve what was skipped, so that those who wait are completed',
    options: [
      { flags: '--reason <text>', sentence: 'Why it may stay behind', isRequired: true },
      { flags: '--by <name>', sentence: 'Who says so' },
    ],
    settings: asks,
    examples: [
      'postferry batch approve Sales --reason "Spam that the new server refuses"',
      'postferry batch approve Sales --reason "Known" --by "Ann Archer"',
    ],
    load: async () => (await import('./approval.ts')).approveBatch,
  },
  {
    path: 'batch priority',
    args: [...batchArg, ['place', 'highest, to go before all other batches, or lowest, to go after them']],
    sentence: 'Let the users of a batch go before those of all others, or after them',
    settings: asks,
    examples: ['postferry batch priority Sales highest', 'postferry batch priority Sales lowest'],
    load: async () => (await import('./batch.ts')).prioritizeBatch,
  },
  {
    path: 'batch update-users',
    args: batchArg,
    sentence: 'Change user names and passwords of a batch by the rows of a CSV file',
    options: [csvOption],
    settings: asks,
    examples: [
      'postferry batch update-users Sales --csv corrected.csv',
      'postferry batch update-users Sales --csv - < corrected.csv',
    ],
    load: async () => (await import('./batch.ts')).updateUsers,
  },
  {
    path: 'batch list',
    sentence: 'List the batches',
    settings: asks,
    examples: ['postferry batch list', 'postferry batch list -o csv'],
    load: async () => (await import('./batch.ts')).listBatches,
  },
  {
    path: 'batch show',
    args: batchArg,
    sentence: 'Show one batch',
    settings: asks,
    examples: ['postferry batch show Sales', 'postferry batch show 1 -o json'],
    load: async () => (await import('./batch.ts')).showBatch,
  },
  {
    path: 'batch start',
    args: batchArg,
    sentence: 'Start a batch, or start it again after a stop',
    settings: asks,
    examples: ['postferry batch start Sales', 'postferry batch start 1'],
    load: async () => (await import('./batch.ts')).startBatch,
  },
  {
    path: 'batch stop',
    args: batchArg,
    sentence: 'Stop a batch; it can be started again where it stood',
    settings: asks,
    examples: ['postferry batch stop Sales', 'postferry batch stop 1'],
    load: async () => (await import('./batch.ts')).stopBatch,
  },
  {
    path: 'batch sync-now',
    args: batchArg,
    sentence: 'Bring over now what is new since the last pass',
    settings: asks,
    examples: ['postferry batch sync-now Sales', 'postferry batch sync-now 1'],
    load: async () => (await import('./batch.ts')).syncBatchNow,
  },
  {
    path: 'batch complete',
    args: batchArg,
    sentence: 'Make the final pass, verify and end the migration',
    options: [{ flags: '--whole-only', sentence: 'Refuse where something failed, was skipped or is stopped' }],
    settings: asks,
    examples: ['postferry batch complete Sales', 'postferry batch complete Sales --whole-only'],
    load: async () => (await import('./batch.ts')).completeBatch,
  },
  {
    path: 'batch retry',
    args: batchArg,
    sentence: 'Try the failed users of a batch again',
    settings: asks,
    examples: ['postferry batch retry Sales', 'postferry batch retry 1'],
    load: async () => (await import('./batch.ts')).retryBatch,
  },
  {
    path: 'batch verify',
    args: batchArg,
    sentence: 'Read both servers again and compare; exits with 4 on a difference',
    options: [readDataOption],
    settings: asks,
    examples: ['postferry batch verify Sales', 'postferry batch verify Sales --read-data -o json'],
    load: async () => (await import('./batch.ts')).verifyBatch,
  },
  {
    path: 'batch report',
    args: batchArg,
    sentence: 'Show what became of every item of a batch',
    settings: asks,
    examples: ['postferry batch report Sales', 'postferry batch report Sales -o json > report.json'],
    load: async () => (await import('./batch.ts')).reportBatch,
  },
  {
    path: 'batch watch',
    args: batchArg,
    sentence: 'Follow a batch until it rests',
    settings: asks,
    examples: ['postferry batch watch Sales', 'postferry batch watch Sales -o ndjson'],
    load: async () => (await import('./batch.ts')).watchBatch,
  },
  {
    path: 'batch remove',
    alias: 'rm',
    args: batchArg,
    sentence: 'Remove a batch; what it copied stays known',
    options: [{ flags: '--force', sentence: 'Though it is running: what runs is ended first' }],
    settings: asks,
    examples: ['postferry batch remove Sales', 'postferry batch rm Sales --force'],
    load: async () => (await import('./batch.ts')).removeBatch,
  },
  {
    path: 'user list',
    args: batchArg,
    sentence: 'List the users of a batch',
    options: [{ flags: '--status <status>', sentence: 'Only users in this status, such as failed' }],
    settings: asks,
    examples: ['postferry user list Sales', 'postferry user list Sales --status failed -o csv'],
    load: async () => (await import('./user.ts')).listUsers,
  },
  {
    path: 'user show',
    args: userArg,
    sentence: 'Show one user with the folders',
    options: [ofBatchOption],
    settings: asks,
    examples: ['postferry user show alice@example.org', 'postferry user show 7 -o json'],
    load: async () => (await import('./user.ts')).showUser,
  },
  {
    path: 'user skipped',
    args: userArg,
    sentence: 'List what was skipped of a user',
    options: [ofBatchOption],
    settings: asks,
    examples: ['postferry user skipped alice@example.org', 'postferry user skipped 7 -o json'],
    load: async () => (await import('./approval.ts')).listSkippedOfUser,
  },
  {
    path: 'user approve',
    args: userArg,
    sentence: 'Approve what was skipped of one user',
    options: [
      ofBatchOption,
      { flags: '--reason <text>', sentence: 'Why it may stay behind', isRequired: true },
      { flags: '--by <name>', sentence: 'Who says so' },
    ],
    settings: asks,
    examples: [
      'postferry user approve alice@example.org --reason "She has them on paper"',
      'postferry user approve 7 --reason "Known"',
    ],
    load: async () => (await import('./approval.ts')).approveUser,
  },
  {
    path: 'user statistics',
    args: userArg,
    sentence: 'Show how far a user is, how fast, and where its time went',
    options: [ofBatchOption],
    settings: asks,
    examples: ['postferry user statistics alice@example.org', 'postferry user statistics 7 -o json'],
    load: async () => (await import('./user.ts')).showStatistics,
  },
  {
    path: 'user set',
    args: userArg,
    sentence: 'Change names, passwords or rules of one user',
    options: [
      ofBatchOption,
      { flags: '--source-user-name <name>', sentence: 'User name at the source' },
      { flags: '--source-password-file <file>', sentence: 'File with the password at the source; - is standard input' },
      { flags: '--target-user-name <name>', sentence: 'User name at the target' },
      { flags: '--target-password-file <file>', sentence: 'File with the password at the target; - is standard input' },
      {
        flags: '--missing-target-folder <rule>',
        sentence: 'What to do about a target folder that was removed after its mail was copied',
        choices: ['hold', 'recreate', 'leave'],
      },
      ...userSettingOptions,
    ],
    settings: asks,
    examples: [
      'postferry user set alice@example.org --source-password-file alice.txt',
      'postferry user set 7 --missing-target-folder recreate',
    ],
    load: async () => (await import('./user.ts')).setUser,
  },
  {
    path: 'user start',
    args: userArg,
    sentence: 'Start or resume a user of a batch',
    options: [ofBatchOption],
    settings: asks,
    examples: ['postferry user start alice@example.org', 'postferry user start 7'],
    load: async () => (await import('./user.ts')).startUser,
  },
  {
    path: 'user stop',
    args: userArg,
    sentence: 'Stop a user; it can be started again where it stood',
    options: [ofBatchOption],
    settings: asks,
    examples: ['postferry user stop alice@example.org', 'postferry user stop 7'],
    load: async () => (await import('./user.ts')).stopUser,
  },
  {
    path: 'user sync-now',
    args: userArg,
    sentence: 'Bring over now what is new for one user',
    options: [ofBatchOption],
    settings: asks,
    examples: ['postferry user sync-now alice@example.org', 'postferry user sync-now 7'],
    load: async () => (await import('./user.ts')).syncUserNow,
  },
  {
    path: 'user complete',
    args: userArg,
    sentence: 'Make the final pass of one user alone',
    options: [ofBatchOption],
    settings: asks,
    examples: ['postferry user complete alice@example.org', 'postferry user complete 7'],
    load: async () => (await import('./user.ts')).completeUser,
  },
  {
    path: 'user remove',
    alias: 'rm',
    args: userArg,
    sentence: 'Take a user out of its batch; what was copied stays known',
    options: [ofBatchOption],
    settings: asks,
    examples: ['postferry user remove alice@example.org', 'postferry user rm 7'],
    load: async () => (await import('./user.ts')).removeUser,
  },
  {
    path: 'user retry',
    args: userArg,
    sentence: 'Try a failed or stopped user again',
    options: [ofBatchOption],
    settings: asks,
    examples: ['postferry user retry alice@example.org', 'postferry user retry 7'],
    load: async () => (await import('./user.ts')).retryUser,
  },
  {
    path: 'sign-in-link',
    sentence: 'Print a link that signs one browser in to the running server, once',
    settings: asks,
    examples: ['postferry sign-in-link', 'postferry sign-in-link -o json'],
    load: async () => (await import('./sign-in-link.ts')).signInLink,
  },
  {
    path: 'powershell-module',
    sentence: 'Print a PowerShell module with the cmdlets of Exchange',
    settings: ['output'],
    examples: ['postferry powershell-module > Postferry.psm1', 'postferry powershell-module --debug > Postferry.psm1'],
    load: async () => (await import('./powershell-module.ts')).printModule,
  },
  {
    path: 'version',
    sentence: 'Print the version',
    settings: ['output'],
    examples: ['postferry version', 'postferry version -o json'],
    load: async () => (await import('./version.ts')).version,
  },
]

/** The word above several verbs, as the help explains it. */
export const groups: Readonly<Record<string, string>> = {
  endpoint: 'Mail servers to copy from and to',
  batch: 'Mailboxes that are migrated together',
  user: 'One mailbox of a batch',
}
