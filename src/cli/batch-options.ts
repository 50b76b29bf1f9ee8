import { Failure } from './failure.ts'
import type { OptionSpec, Options } from './options.ts'
import type { Row } from './output.ts'

/** What `batch create` and `batch set` have in common. */
export const batchOptions: readonly OptionSpec[] = [
  {
    flags: '--start-after <time>',
    sentence: 'Begin by itself at that time: 2027-01-31T20:00, in the time zone of the batch',
  },
  { flags: '--complete-after <time>', sentence: 'Make the final pass by itself, not before that time' },
  { flags: '--time-zone <name>', sentence: 'Zone of the times of the batch, such as Europe/Berlin (default UTC)' },
  { flags: '--every <span>', sentence: 'Gap between incremental passes: 30m, 24h, 7d (default 24h)' },
  { flags: '--auto-complete <yes|no>', sentence: 'Complete each user as soon as it is synced', choices: ['yes', 'no'] },
  { flags: '--incremental-syncs <yes|no>', sentence: 'Bring over again and again what is new', choices: ['yes', 'no'] },
  {
    flags: '--include-folder <pattern>',
    sentence: 'Move only these folders: Name, Name/* or #Inbox#/*; none to move all again',
    isRepeatable: true,
  },
  { flags: '--exclude-folder <pattern>', sentence: 'Leave these folders; none to leave no more', isRepeatable: true },
  { flags: '--received-from <time>', sentence: 'Move mail that was received then or later; none for all' },
  { flags: '--received-before <time>', sentence: 'Move mail that was received before; none for all' },
  { flags: '--max-message-size <size>', sentence: 'Leave larger messages: 25MB; none for no limit' },
  { flags: '--target-root <path>', sentence: 'Put everything below that folder of the target; none for its top' },
  {
    flags: '--rename-folder <from=to>',
    sentence: 'Give a source folder, and those below it, another place; none for no more of them',
    isRepeatable: true,
  },
  {
    flags: '--special-use <yes|no>',
    sentence: 'Let Sent, Trash and their like go where the target keeps them',
    choices: ['yes', 'no'],
  },
  { flags: '--deleted-mail <yes|no>', sentence: 'Move mail that is marked as deleted', choices: ['yes', 'no'] },
  {
    flags: '--duplicates <rule>',
    sentence: 'Messages that are the same to the byte in one folder',
    choices: ['copy', 'leave'],
  },
  { flags: '--bad-item-limit <number>', sentence: 'Fail a user with more messages left behind; none for no limit' },
  { flags: '--large-item-limit <number>', sentence: 'The same for messages that are too large' },
  {
    flags: '--save-skipped <yes|no>',
    sentence: 'Keep the messages that the target does not take beside the report',
    choices: ['yes', 'no'],
  },
  { flags: '--notify <address>', sentence: 'Who is sent reports; none for nobody', isRepeatable: true },
  { flags: '--report-every <span>', sentence: 'Gap between mailed reports; 0m for the last one only' },
]

/** Those of the options that were given, as the API takes them; an empty object where none was. */
export function givenBatch(options: Options): Row {
  const settings = givenSettings(options)
  return defined({
    startAfter: none(options.text('start-after')),
    completeAfter: none(options.text('complete-after')),
    incrementalEveryMs: spanOf(options, 'every'),
    settings: Object.keys(settings).length > 0 ? settings : undefined,
  })
}

/** The settings of a batch that a user can have of its own. */
export const userSettingOptions: readonly OptionSpec[] = [
  { flags: '--start-after <time>', sentence: 'Begin not before that time; none as the batch has it' },
  { flags: '--complete-after <time>', sentence: 'Make the final pass by itself then; none as the batch has it' },
  { flags: '--bad-item-limit <number>', sentence: 'Fail with more messages left behind; none as the batch has it' },
  { flags: '--large-item-limit <number>', sentence: 'The same for messages that are too large' },
]

export const givenLimitsAndTimes = (options: Options): Row =>
  defined({
    startAfter: none(options.text('start-after')),
    completeAfter: none(options.text('complete-after')),
    badItemLimit: limitOf(options, 'bad-item-limit'),
    largeItemLimit: limitOf(options, 'large-item-limit'),
  })

function givenSettings(options: Options): Row {
  const rules = defined({
    includeFolders: list(options, 'include-folder'),
    excludeFolders: list(options, 'exclude-folder'),
    receivedFrom: timeOf(options, 'received-from'),
    receivedBefore: timeOf(options, 'received-before'),
    itemBytesMax: sizeOf(options, 'max-message-size'),
    targetRoot: pathOf(options.text('target-root')),
    folderRenames: list(options, 'rename-folder')?.map(renameOf),
    mapsSpecialUse: yesOf(options, 'special-use'),
    copiesDeleted: yesOf(options, 'deleted-mail'),
    duplicates: options.text('duplicates') ?? undefined,
  })
  return defined({
    timeZone: options.text('time-zone') ?? undefined,
    autoComplete: yesOf(options, 'auto-complete'),
    allowsIncrementalSyncs: yesOf(options, 'incremental-syncs'),
    badItemLimit: limitOf(options, 'bad-item-limit'),
    largeItemLimit: limitOf(options, 'large-item-limit'),
    savesSkippedItems: yesOf(options, 'save-skipped'),
    notificationEmails: list(options, 'notify'),
    reportEveryMs: spanOf(options, 'report-every'),
    rules: Object.keys(rules).length > 0 ? rules : undefined,
  })
}

/** `none` takes a setting back; undefined was not given. */
const none = (text: string | null): string | null | undefined =>
  text === null ? undefined : text === 'none' ? null : text

const defined = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && value !== ''))

function list(options: Options, name: string): readonly string[] | undefined {
  const given = options.list(name)
  if (given.length === 0) return undefined
  return given.length === 1 && given[0] === 'none' ? [] : given
}

function yesOf(options: Options, name: string): boolean | undefined {
  const text = options.text(name)
  return text === null ? undefined : text === 'yes'
}

const spanUnits: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

function spanOf(options: Options, name: string): number | undefined {
  const text = options.text(name)
  if (text === null) return undefined
  const [, digits, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  return digits === undefined ? refuse(name, 'a span such as 30m, 24h or 7d') : Number(digits) * (spanUnits[unit] ?? 0)
}

const sizeUnits: Readonly<Record<string, number>> = { '': 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }

function sizeOf(options: Options, name: string): number | null | undefined {
  const text = none(options.text(name))
  if (typeof text !== 'string') return text
  const [, digits, unit = ''] = /^(\d{1,12})\s*(KB|MB|GB)?$/i.exec(text) ?? []
  return digits === undefined
    ? refuse(name, 'a size such as 25MB')
    : Number(digits) * (sizeUnits[unit.toUpperCase()] ?? 1)
}

function limitOf(options: Options, name: string): number | null | undefined {
  const text = none(options.text(name))
  if (typeof text !== 'string') return text
  return /^\d{1,9}$/.test(text) ? Number(text) : refuse(name, 'a whole number, or none')
}

/** A time with its offset; one without is a time in UTC. */
function timeOf(options: Options, name: string): string | null | undefined {
  const text = none(options.text(name))
  if (typeof text !== 'string') return text
  const [, day, time = 'T00:00:00', offset = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})(?:([T ]\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:\d{2})?)?$/i.exec(text) ?? []
  if (day === undefined) return refuse(name, 'a day or a time such as 2027-01-31 or 2027-01-31T20:00+01:00')
  const seconds = time.length === 6 ? `${time}:00` : time
  return `${day}${seconds.replace(' ', 'T')}${offset}`
}

const pathOf = (text: string | null): readonly string[] | undefined =>
  text === null ? undefined : text === 'none' ? [] : text.split('/').filter(Boolean)

function renameOf(text: string): Row {
  const [from = '', to = '', ...more] = text.split('=')
  if (from === '' || to === '' || more.length > 0) return refuse('rename-folder', 'two folders: Old name=New name')
  return { from: pathOf(from), to: pathOf(to) }
}

function refuse(name: string, what: string): never {
  throw new Failure('invalid', `--${name} takes ${what}`)
}
