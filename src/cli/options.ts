import { type Command, InvalidArgumentError, Option } from 'commander'
import { readSetting, type Setting, type Surroundings } from '../config.ts'
import { Failure } from './failure.ts'

/** An option of a verb. It takes text where its flags name a value, else it is a yes. */
export interface OptionSpec {
  readonly flags: string
  readonly sentence: string
  readonly choices?: readonly string[]
  /** May stand more than once; read it as a list. */
  readonly isRepeatable?: boolean
  readonly isRequired?: boolean
  /** Takes a whole number from 1 up. */
  readonly isCount?: boolean
}

/** What was given on the command line, by the long name of the option without its dashes. */
export interface Options {
  readonly has: (name: string) => boolean
  readonly text: (name: string) => string | null
  /** For an option that the table calls required. */
  readonly need: (name: string) => string
  readonly count: (name: string) => number | null
  readonly list: (name: string) => readonly string[]
}

export function addOption(command: Command, spec: OptionSpec): void {
  const option = new Option(spec.flags, spec.sentence)
  if (spec.isRequired) option.makeOptionMandatory()
  if (spec.isCount) option.argParser(parseCount)
  if (spec.isRepeatable) option.argParser((value: string, before: string[] = []) => [...before, value])
  // Last: a list of choices replaces the parser, and gathers by itself what is repeated.
  if (spec.choices) addChoices(option, spec.choices, spec.isRepeatable === true)
  command.addOption(option)
}

/** A setting as an option of a verb, with its variable and its default in the help. */
export function addSetting(command: Command, setting: Setting<unknown>, around: Surroundings): void {
  const { flags, variable, sentence, initial } = setting
  const value = initial(around)
  const origin = value ? `${variable}, default ${value}` : variable
  command.addOption(new Option(flags, `${sentence} (${origin})`))
}

export function readOptions(command: Command): Options {
  const given = new Map<string, unknown>(Object.entries(command.optsWithGlobals()))
  const read = (name: string): unknown => given.get(camelCase(name))
  const text = (name: string): string | null => {
    const value = read(name)
    return typeof value === 'string' ? value : null
  }
  return {
    has: (name) => read(name) !== undefined,
    text,
    need: (name) => text(name) ?? missing(name),
    count: (name) => {
      const value = read(name)
      return typeof value === 'number' ? value : null
    },
    list: (name) => {
      const value = read(name)
      return Array.isArray(value) ? value.map(String) : []
    },
  }
}

/** The value of a setting: its flag, else its variable, else its default. */
export function settingOf<T>(setting: Setting<T>, options: Options, around: Surroundings): T {
  const given = options.text(setting.name) ?? (options.has(setting.name) ? '1' : null)
  return readSetting(setting, given, around)
}

function addChoices(option: Option, choices: readonly string[], isRepeatable: boolean): void {
  option.argChoices = [...choices]
  option.argParser<unknown>((value, before) => {
    if (!choices.includes(value)) throw new InvalidArgumentError(`Give ${choices.join(' or ')}`)
    return isRepeatable ? [...(Array.isArray(before) ? before : []), value] : value
  })
}

function parseCount(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError('Give a whole number from 1 up')
  return Number(value)
}

function missing(name: string): never {
  throw new Failure('usage', `Missing option --${name}`)
}

const camelCase = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
