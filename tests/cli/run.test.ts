import { describe, expect, test } from 'bun:test'
import { groups, verbs } from '../../src/cli/commands.ts'
import { exitCodes } from '../../src/cli/exit-codes.ts'
import { Failure } from '../../src/cli/failure.ts'
import { run } from '../../src/cli/run.ts'
import type { Call, Verb } from '../../src/cli/verb.ts'
import { settings } from '../../src/config.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import { recordedShell } from './recorded-shell.ts'

/** The table with every handler replaced by one that keeps its call. */
function recording(act: (call: Call) => void = () => {}) {
  const calls: { path: string; call: Call }[] = []
  const table: readonly Verb[] = verbs.map((verb) => ({
    ...verb,
    load: async () => async (call) => {
      calls.push({ path: verb.path, call })
      act(call)
      return 'done'
    },
  }))
  return { calls, table }
}

async function parse(...argv: readonly string[]) {
  const { calls, table } = recording()
  const shell = recordedShell()
  const code = await run(argv, shell, table)
  return { code, shell, ...calls[0] }
}

describe('the table of verbs', () => {
  test.each(verbs.map((verb) => [verb.path, verb] as const))('%s has code behind it', async (_, verb) =>
    expect(await verb.load()).toBeFunction(),
  )

  test.each(verbs.map((verb) => [verb.path, verb] as const))(
    'both examples of %s are understood',
    async (path, verb) => {
      for (const example of verb.examples) {
        const words =
          example
            .replaceAll('\\\n', ' ')
            .replace(/ [<>] \S+/, '')
            .match(/"[^"]*"|\S+/g) ?? []
        const parsed = await parse(...words.slice(1).map((word) => word.replaceAll('"', '')))
        expect([parsed.code, parsed.path, parsed.shell.err()]).toEqual([0, path, ''])
      }
    },
  )

  test('every first word of two has a sentence', () => {
    const words = verbs.map(({ path }) => path.split(' ')).filter((path) => path.length > 1)
    expect(new Set(words.map(([group]) => group))).toEqual(new Set(Object.keys(groups)))
  })
})

describe('the help', () => {
  test.each(Object.keys(groups))('of %s alone lists all its verbs', async (group) => {
    const { code, shell } = await parse(group)
    expect(code).toBe(2)
    for (const { path } of verbs.filter(({ path }) => path.startsWith(`${group} `)))
      expect(shell.err()).toContain(`\n  ${path.split(' ')[1]}`)
  })

  test.each(verbs.map((verb) => [verb.path, verb] as const))(
    'of %s tells its options, settings and two examples',
    async (path, verb) => {
      const { code, shell } = await parse(...path.split(' '), '--help')
      expect(code).toBe(0)
      const told = [
        verb.sentence,
        ...verb.examples,
        ...(verb.options ?? []).map(({ flags }) => flags),
        ...verb.settings.map((name) => settings[name].flags),
      ]
      for (const text of told) expect(shell.out()).toContain(text)
      expect(shell.err()).toBe('')
    },
  )

  test('of the program tells each verb and each exit code', async () => {
    const { code, shell } = await parse('--help')
    expect(code).toBe(0)
    for (const { path } of verbs) expect(shell.out()).toContain(`  ${path.split(' ')[0]}`)
    for (const number of Object.values(exitCodes)) expect(shell.out()).toMatch(new RegExp(`^ +${number}  \\w`, 'm'))
  })
})

describe('parsing', () => {
  test('reads arguments and options by name', async () => {
    const { call } = await parse('batch', 'create', 'Sales', '--source', 'old', '--csv', 'users.csv', '--start')
    expect(call?.args).toEqual(['Sales'])
    expect(call?.options.text('source')).toBe('old')
    expect(call?.options.need('csv')).toBe('users.csv')
    expect([call?.options.has('start'), call?.options.has('allow-unknown-columns')]).toEqual([true, false])
    expect(call?.options.text('target')).toBeNull()
  })

  test('gathers an option that is repeated', async () => {
    const sides = ['--accept-untrusted-certificates', 'source', '--accept-untrusted-certificates', 'target']
    const { call } = await parse('migrate', '--source', 'a', '--target', 'b', '--csv', 'c', '--passes', '3', ...sides)
    expect(call?.options.list('accept-untrusted-certificates')).toEqual(['source', 'target'])
    expect(call?.options.count('passes')).toBe(3)
  })

  test.each([
    ['endpoint add x --server imaps://h', 'endpoint create'],
    ['endpoint rm x', 'endpoint remove'],
    ['batch add x --csv f', 'batch create'],
    ['batch rm x', 'batch remove'],
    ['--version', 'version'],
  ])('%s is %s', async (line, path) => expect((await parse(...line.split(' '))).path).toBe(path))

  test.each([
    ['', 2],
    ['batch', 2],
    ['bach', 2],
    ['batch show', 2],
    ['batch show a b', 2],
    ['batch create x', 2],
    ['version --nonsense', 2],
    ['migrate --source a --target b --csv c --passes 0', 2],
    ['migrate --source a --target b --csv c --accept-untrusted-certificates nobody', 2],
    ['version -o yaml', 5],
  ])('"postferry %s" exits with %d and a sentence', async (line, code) => {
    const parsed = await parse(...line.split(' ').filter(Boolean))
    expect([parsed.code, parsed.path]).toEqual([code, undefined])
    expect(parsed.shell.err()).not.toBe('')
    expect(parsed.shell.out()).toBe('')
  })

  test('repeats no value of an option that it does not know', async () => {
    const { shell } = await parse('batch', 'list', '--secretly=canary')
    expect(shell.out() + shell.err()).not.toContain('canary')
    expect((await parse('batch', 'list', '--nonsense=canary')).shell.err()).not.toContain('canary')
  })
})

describe('the end of a verb', () => {
  const ending = async (error: unknown, ...more: readonly string[]) => {
    const { table } = recording(() => {
      throw error
    })
    const shell = recordedShell()
    return { code: await run(['version', ...more], shell, table), err: shell.err() }
  }

  test.each([
    ['a failure', new Failure('apiUnreachable', 'No server runs'), 60, 'No server runs'],
    ['a refusal', new Refusal('not-found', 'There is no batch "x"'), 6, 'There is no batch "x"'],
    [
      'a mistake of ours',
      new TypeError('undefined is not an object'),
      1,
      'Unexpected error: undefined is not an object',
    ],
  ])('by %s is one sentence', async (_, error, code, sentence) =>
    expect(await ending(error)).toEqual({ code, err: `postferry: ${sentence}\n` }),
  )

  test('tells the stack only when asked', async () => {
    const { err } = await ending(new TypeError('oops'), '--debug')
    expect(err).toContain('run.test.ts')
  })
})
