/**
 * `npm run bench -- PROFILE… [--rounds N] [--peers a,b] [--out FOLDER] [--disk FOLDER] [--limit SECONDS] [--write]`:
 * times the built executable beside other tools, checks every copy, and prints Markdown. See README.md in this folder.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isPeerName, type PeerName } from './peers/peers.ts'
import { type Profile, type ProfileName, profiles } from './profiles.ts'
import { csvOf, type ProfileResult, reportOf } from './report.ts'
import { introduction, writeResults } from './results.ts'
import { runProfile } from './run-profile.ts'

/** Measurements with a command of their own, called with what follows. */
const others: Readonly<Record<string, () => Promise<unknown>>> = {
  batch: () => import('./migration.ts'),
  store: () => import('./store.ts'),
}

async function bench(args: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '3' },
      peers: { type: 'string', default: 'mbsync,doveadm-imap,doveadm-local,offlineimap,imapsync' },
      out: { type: 'string' },
      disk: { type: 'string', default: tmpdir() },
      limit: { type: 'string', default: '600' },
      write: { type: 'boolean', default: false },
    },
  })
  const names = namesOf(positionals)
  const peers = values.peers === 'none' ? [] : values.peers.split(',').map(peerOf)
  chooseExecutable()
  const out = values.out ?? (await mkdtemp(join(tmpdir(), 'postferry-bench-results-')))
  await mkdir(out, { recursive: true })
  const options = {
    rounds: Number(values.rounds),
    peers,
    passMsMax: Number(values.limit) * 1000,
    diskFolder: values.disk,
    tell: (text: string) => console.error(text),
  }
  const parts = [await introduction(args)]
  console.log(parts[0])
  const results: ProfileResult[] = []
  for (const profile of names) {
    options.tell(`${profile}: ${profiles[profile].about}`)
    const result = { profile, ...(await runProfile(profiles[profile] satisfies Profile, options)) }
    results.push(result)
    parts.push(reportOf(result))
    console.log(`\n${parts.at(-1)}`)
    await writeFile(join(out, 'runs.csv'), csvOf(results))
  }
  console.log(`\nThe raw numbers are in ${join(out, 'runs.csv')}`)
  if (values.write) await writeResults(parts.join('\n\n'))
  return results.every(isExact) ? 0 : 1
}

function namesOf(words: readonly string[]): readonly ProfileName[] {
  const all = Object.keys(profiles) as ProfileName[]
  if (words.includes('all')) return all
  const names = all.filter((name) => words.includes(name))
  if (names.length > 0 && names.length === new Set(words).size) return names
  throw new Error(`Cannot run "${words.join(' ')}": the profiles are ${all.join(', ')} and all`)
}

function peerOf(name: string): PeerName {
  if (isPeerName(name)) return name
  throw new Error(`Cannot run the peer "${name}"`)
}

/** Servers and one-shot runs are of the executable that was built, unless the environment names another. */
function chooseExecutable(): void {
  process.env.POSTFERRY_EXECUTABLE ??= join(import.meta.dir, '../../dist/postferry')
  if (existsSync(process.env.POSTFERRY_EXECUTABLE)) return
  throw new Error(`Cannot measure ${process.env.POSTFERRY_EXECUTABLE}: it is not there; npm run build makes it`)
}

/** Every copy of ours ended well and is what the source holds. */
const isExact = ({ rounds }: ProfileResult): boolean =>
  rounds.flat().every(({ row, exit, differences }) => !row.startsWith('ours') || (exit === '0' && differences === ''))

const [first = ''] = process.argv.slice(2)
if (Object.hasOwn(others, first)) {
  process.argv.splice(2, 1)
  await others[first]?.()
} else {
  process.exitCode = await bench(process.argv.slice(2))
}
