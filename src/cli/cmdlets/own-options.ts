import { Failure } from '../failure.ts'

/** The options of the executable that a cmdlet takes beside its parameters. */
export interface OwnOptions {
  readonly data?: string
  readonly output?: string
  readonly help?: boolean
}

const names: Readonly<Record<string, 'data' | 'output'>> = { '--data': 'data', '--output': 'output', '-o': 'output' }

/** Takes them out of the arguments: two dashes, and `-o`, are ours; one dash is a parameter of the cmdlet. */
export function ownOptions(argv: readonly string[]): { readonly own: OwnOptions; readonly rest: readonly string[] } {
  const own: { -readonly [Name in keyof OwnOptions]: OwnOptions[Name] } = {}
  const rest: string[] = []
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? ''
    const [flag = '', ...value] = word.split('=')
    const name = names[flag]
    if (name !== undefined) {
      if (value.length === 0) at += 1
      own[name] = value.length > 0 ? value.join('=') : (argv[at] ?? missing(flag))
    } else if (['--help', '-h', '-?'].includes(word)) own.help = true
    else if (word !== '--debug') rest.push(word)
  }
  return { own, rest }
}

function missing(flag: string): never {
  throw new Failure('usage', `${flag} needs a value`)
}
