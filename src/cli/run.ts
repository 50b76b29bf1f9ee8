import { Command, CommanderError } from 'commander'
import { readSetting, settings } from '../config.ts'
import { groups, verbs } from './commands.ts'
import { exitCodes, exitMeanings } from './exit-codes.ts'
import { explain, type Failure } from './failure.ts'
import { addOption, addSetting, readOptions, settingOf } from './options.ts'
import { createOutput, plain } from './output.ts'
import { refuseSecretArguments } from './secrets.ts'
import type { Shell } from './shell.ts'
import type { Verb } from './verb.ts'

/** Runs the verb that `argv` names and resolves to the exit code; it never rejects. */
export async function run(argv: readonly string[], shell: Shell, table: readonly Verb[] = verbs): Promise<number> {
  let exit: number = exitCodes.usage
  try {
    refuseSecretArguments(argv)
    if (cmdletName.test(argv[0] ?? '')) return await runCmdlet(argv, shell)
    const words = argv[0] === '--version' ? ['version'] : [...argv]
    const program = buildProgram(shell, namedBy(words, table), (code) => {
      exit = code
    })
    await program.parseAsync(words, { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    return tell(error, shell, argv.includes('--debug') || readSetting(settings.debug, null, shell))
  }
}

/** `Get-MigrationBatch` and its like, which no verb of ours resembles. */
const cmdletName = /^[a-z]+-migration[a-z]*$/i

/** Their code is brought in only here: most calls are of other verbs. */
async function runCmdlet([name = '', ...argv]: readonly string[], shell: Shell): Promise<number> {
  const { runCmdlet } = await import('./cmdlets/run.ts')
  return exitCodes[await runCmdlet(name, argv, shell)]
}

/** The one verb that the words name, since to build all of them takes longer than most verbs do; else all, to tell of them. */
function namedBy([first, second]: readonly string[], table: readonly Verb[]): readonly Verb[] {
  const named = table.find(({ path, alias }) => {
    const [group, name] = path.split(' ')
    return name === undefined
      ? path === first
      : group === first && second !== undefined && (name === second || alias === second)
  })
  return named ? [named] : table
}

function buildProgram(shell: Shell, table: readonly Verb[], onExit: (code: number) => void): Command {
  const program = withManners(new Command('postferry'), shell)
    .description('Migrates mailboxes between mail servers, with nothing lost and nothing doubled.')
    .addHelpText('after', exitCodeHelp)
  const parents = new Map<string, Command>()
  for (const verb of table) {
    const words = verb.path.split(' ')
    const name = words.pop() ?? verb.path
    const [group] = words
    const parent = group === undefined ? program : (parents.get(group) ?? addGroup(program, group, shell))
    if (group !== undefined) parents.set(group, parent)
    addVerb(parent, name, verb, shell, onExit)
  }
  return program
}

const addGroup = (program: Command, name: string, shell: Shell): Command =>
  withManners(program.command(name), shell).description(groups[name] ?? '')

function addVerb(parent: Command, name: string, verb: Verb, shell: Shell, onExit: (code: number) => void): void {
  const command = withManners(parent.command(name), shell).description(verb.sentence)
  if (verb.alias) command.alias(verb.alias)
  for (const [argument, sentence] of verb.args ?? [])
    command.argument(/^\[/.test(argument) ? argument : `<${argument}>`, sentence)
  for (const option of verb.options ?? []) addOption(command, option)
  for (const setting of verb.settings) addSetting(command, settings[setting], shell)
  addSetting(command, settings.debug, shell)
  command.addHelpText('after', `\nExamples:\n${verb.examples.map((example) => `  ${example}\n`).join('')}`)
  command.action(async () => onExit(await call(verb, command, shell)))
}

async function call(verb: Verb, command: Command, shell: Shell): Promise<number> {
  const options = readOptions(command)
  const output = createOutput(shell, settingOf(settings.output, options, shell))
  const handler = await verb.load()
  return exitCodes[await handler({ shell, output, args: command.args, options })]
}

function withManners(command: Command, { stdout, stderr }: Shell): Command {
  return command
    .exitOverride()
    .helpCommand(false)
    .configureOutput({
      writeOut: stdout.write,
      writeErr: stderr.write,
      getOutHelpWidth: () => stdout.columns,
      getErrHelpWidth: () => stderr.columns,
      outputError: (text, write) => write(usageSentence(text)),
    })
}

/** The parser's words in our form; what stood behind an equals sign may have been meant to be secret. */
function usageSentence(text: string): string {
  const [, first = '', rest = ''] = /^error: (.)(.*)$/s.exec(text) ?? []
  return first ? `postferry: ${first.toUpperCase()}${rest.replace(/(--[\w-]+)=[^'\n]*/g, '$1')}` : text
}

function tell(error: unknown, { stderr }: Shell, isDebug: boolean): number {
  const failure = explain(error)
  stderr.write(`postferry: ${plain(failure.message)}\n`)
  for (const detail of failure.details) stderr.write(`  ${plain(detail)}\n`)
  if (isDebug) stderr.write(`${trace(failure)}\n`)
  return exitCodes[failure.exit]
}

function trace(failure: Failure): string {
  const causes: string[] = []
  for (let error: unknown = failure; error instanceof Error; error = error.cause)
    causes.push(error.stack ?? error.message)
  return causes.join('\nby ')
}

function exitCodeHelp(): string {
  const lines = Object.entries(exitMeanings).map(
    ([name, meaning]) => `  ${String(exitCodes[name as keyof typeof exitCodes]).padStart(3)}  ${meaning}\n`,
  )
  return `\nExit codes:\n${lines.join('')}`
}
