/** What a test may ask of a throw-away Dovecot. */
export interface DovecotOptions {
  /** Default sdbox. */
  readonly storage?: 'sdbox' | 'mdbox' | 'maildir'
  /** The one password of any user, whatever the name; default `pass`. */
  readonly password?: string
  /** The only users, with their passwords; others are refused, and `password` has no meaning. */
  readonly users?: Readonly<Record<string, string>>
  /** Signs in as anybody: as `user*name`, or by PLAIN with the user as authorization identity. */
  readonly master?: { readonly name: string; readonly password: string }
  /** Default `/`. */
  readonly separator?: string
  /** Prefix of the personal namespace, such as `INBOX.`; default none. */
  readonly prefix?: string
  /** Folder names (UTF-8) with their attribute, such as `\Sent`; they are not created by themselves. */
  readonly specialUse?: Readonly<Record<string, string>>
  /** What CAPABILITY says after sign-in, instead of the truth. */
  readonly capability?: string
  readonly quotaBytes?: number
  /** Connections of one user from one address; default 200. */
  readonly connectionsMax?: number
  /** Time zone in which INTERNALDATE is told, whatever it was given in; default UTC. */
  readonly timeZone?: string
  /** Keeps what clients send after sign-in, for `received()`. */
  readonly keepsWire?: boolean
  /** Waits for the disk as Dovecot does by itself; default not. */
  readonly waitsForDisk?: boolean
  /** Where its folder is made; default the folder for temporary files. */
  readonly parentFolder?: string
}

/** Where an instance lives and as whom it runs. */
export interface DovecotPlace {
  readonly folder: string
  readonly port: number
  readonly tlsPort: number
  readonly ids: Readonly<Record<'internal' | 'internalGroup' | 'login' | 'mail' | 'mailGroup', string>>
}

const defaultSpecialUse = {
  Sent: '\\Sent',
  Drafts: '\\Drafts',
  Trash: '\\Trash',
  Junk: '\\Junk',
  Archive: '\\Archive',
} as const

/** The configuration text, in the language of Dovecot 2.3. */
export function dovecotConfig(options: DovecotOptions, place: DovecotPlace): string {
  return [
    main(options, place),
    identity(place),
    storage(options, place),
    namespace(options),
    authentication(options, place),
    services(place),
  ].join('\n')
}

function main(options: DovecotOptions, { folder }: DovecotPlace): string {
  return `
base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <${folder}/certificate.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = no
${options.capability === undefined ? '' : `imap_capability = ${options.capability}`}`
}

function identity({ ids }: DovecotPlace): string {
  return `
default_internal_user = ${ids.internal}
default_internal_group = ${ids.internalGroup}
default_login_user = ${ids.login}
mail_uid = ${ids.mail}
mail_gid = ${ids.mailGroup}
first_valid_uid = 1
first_valid_gid = 1`
}

// mail_fsync = never by default: the tests kill clients, not the machine.
function storage(options: DovecotOptions, { folder }: DovecotPlace): string {
  const format = options.storage ?? 'sdbox'
  const quota = options.quotaBytes === undefined ? '' : ' quota'
  return `
mail_home = ${folder}/mail/%u
mail_location = ${format}:~/${format}
mail_fsync = ${options.waitsForDisk ? 'optimized' : 'never'}
mail_plugins = zlib${quota}
protocol imap {
  mail_plugins = zlib imap_zlib${quota === '' ? '' : ' quota imap_quota'}
  mail_max_userip_connections = ${options.connectionsMax ?? 200}
  ${options.keepsWire ? `rawlog_dir = ${folder}/wire` : ''}
}
${quota === '' ? '' : `plugin {\n  quota = count:User quota\n  quota_vsizes = yes\n  quota_grace = 0\n  quota_rule = *:storage=${options.quotaBytes}B\n}`}`
}

function namespace(options: DovecotOptions): string {
  const special = Object.entries(options.specialUse ?? defaultSpecialUse)
  return `
namespace inbox {
  inbox = yes
  separator = ${options.separator ?? '/'}
  prefix = ${options.prefix ?? ''}
${special.map(([name, use]) => `  mailbox "${name}" {\n    auto = no\n    special_use = ${use}\n  }`).join('\n')}
}`
}

// auth_failure_delay and the shut penalty socket: a refused sign-in answers within half a second (the beat of the
// authentication service), however many came before.
function authentication(options: DovecotOptions, { folder }: DovecotPlace): string {
  const anybody = `driver = static\n  args = password=${options.password ?? 'pass'}`
  const listed = `driver = passwd-file\n  args = ${folder}/users`
  return `
auth_mechanisms = plain login
auth_failure_delay = 0
${options.master === undefined ? '' : `auth_master_user_separator = *\npassdb {\n  driver = passwd-file\n  master = yes\n  pass = yes\n  args = ${folder}/masters\n}`}
passdb {
  ${options.users === undefined ? anybody : listed}
}
userdb {
  ${options.users === undefined ? `driver = static\n  args = home=${folder}/mail/%u` : listed}
}`
}

function services({ port, tlsPort }: DovecotPlace): string {
  return `
service imap-login {
  chroot =
  service_count = 0
  process_min_avail = 1
  client_limit = 1000
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
}
service imap {
  process_limit = 1000
  vsz_limit = 2G
}
service auth {
  client_limit = 5000
}
service anvil {
  chroot =
  client_limit = 5000
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
  client_limit = 5000
}
`
}
