/** What a parameter takes, and how it travels to the server: as JSON text, number, truth value or list. */
export type ParameterType =
  | 'text'
  /** Several, separated by commas. */
  | 'texts'
  /** Stands alone; `:$false` takes it back. */
  | 'switch'
  /** `$true` or `$false`. */
  | 'bool'
  | 'count'
  /** A whole number from 0 up, or Unlimited. */
  | 'limit'
  /** A moment, as the admin's clock shows it or with its offset. */
  | 'time'
  /** `[d.]hh:mm[:ss]`. */
  | 'span'
  /** The bytes of a file: its path here, its content on the way (Base64). */
  | 'file'
  /** A user name; the password comes from the terminal's environment or a file, never from the command line. */
  | 'credential'

export interface Parameter {
  readonly name: string
  readonly type: ParameterType
  readonly sentence: string
  readonly isRequired?: boolean
  /** May be given without its name: the first thing that has none. */
  readonly isFirst?: boolean
  /** The words that it takes. */
  readonly choices?: readonly string[]
}

/** What stands in the answer. */
export type ObjectName =
  | 'MigrationBatch'
  | 'MigrationUser'
  | 'MigrationUserStatistics'
  | 'MigrationEndpoint'
  | 'MigrationStatistics'
  | 'MigrationConfig'
  | 'MigrationServerAvailability'
  | 'MigrationReportRow'

export interface Cmdlet {
  /** `Verb-Noun`. */
  readonly name: string
  readonly sentence: string
  readonly parameters: readonly Parameter[]
  /** `reads` changes nothing; `changes` asks only where `-Confirm` is given; `removes` asks unless `-Confirm:$false` is. */
  readonly effect: 'reads' | 'changes' | 'removes'
  /** Null: no answer but that it was done. */
  readonly answer: ObjectName | null
  readonly example: string
}

/** What was given, by the parameter's name as the table spells it. */
export type Given = Readonly<Record<string, GivenValue>>
export type GivenValue = string | number | boolean | readonly string[] | GivenCredential

export interface GivenCredential {
  readonly userName: string
  readonly password: string
}

/** What a cmdlet puts out: properties by the names that Exchange gives them. */
export type CmdletObject = Readonly<Record<string, unknown>>
