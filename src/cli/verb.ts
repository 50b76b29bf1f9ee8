import type { SettingName } from '../config.ts'
import type { ExitName } from './exit-codes.ts'
import type { OptionSpec, Options } from './options.ts'
import type { Output } from './output.ts'
import type { Shell } from './shell.ts'

/** One verb of the command line. */
export interface Verb {
  /** `batch create`: the second word, where there is one, stands below the first. */
  readonly path: string
  readonly alias?: string
  /** Name and sentence of each argument; one whose name stands in brackets may be left out. */
  readonly args?: readonly (readonly [name: string, sentence: string])[]
  readonly sentence: string
  readonly options?: readonly OptionSpec[]
  /** Which of the common settings it takes, `debug` aside, which all take. */
  readonly settings: readonly SettingName[]
  readonly examples: readonly [string, string]
  /** Brings in the code of the verb: the others are never loaded. */
  readonly load: () => Promise<Handler>
}

/** One call of a verb. */
export interface Call {
  readonly shell: Shell
  readonly output: Output
  readonly args: readonly string[]
  readonly options: Options
}

/** Does the work. Throws what `explain` can tell. */
export type Handler = (call: Call) => Promise<ExitName>
