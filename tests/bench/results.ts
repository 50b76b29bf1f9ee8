import { readFile, writeFile } from 'node:fs/promises'
import { arch, cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { type ToolName, tools } from './peers/peers.ts'
import { memoryFolder } from './stage.ts'

const file = join(import.meta.dir, 'RESULTS.md')
const [begin, end] = ['<!-- npm run bench: begin -->', '<!-- npm run bench: end -->']

/** What a reader has to know before the numbers: what ran where, and how. */
export async function introduction(args: readonly string[]): Promise<string> {
  const [cpu] = cpus()
  const machine = `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 1e9)} GB, ${arch()}, Linux ${release()}`
  const load = loadavg()[0]?.toFixed(1)
  const about = Object.entries(tools).map(([tool, peer]) => `- ${tool}: ${peer.about}${versionOf(tool as ToolName)}`)
  return [
    '## One mailbox, beside other tools: `npm run bench`',
    `    npm run build && npm run bench -- ${args.join(' ')}`,
    `Commit ${commit()}. ${machine}; load ${load} before. ${dovecotVersion()} for both ends, sdbox, on the same cores as the tools; mail and what the tools keep in ${await memoryFolder()} unless the profile says disk. Medians; × ours is the median of the ratios of the same round; CPU is that of the tool alone; peak MB is the highest resident size of all its processes together. Each copy is read back and compared in body, flags, date, folder, subscription and order.`,
    about.join('\n'),
  ].join('\n\n')
}

const versions: Partial<Record<ToolName, readonly string[]>> = {
  mbsync: ['mbsync', '--version'],
  offlineimap: ['offlineimap', '--version'],
  imapsync: ['perl', process.env.IMAPSYNC ?? '', '--version'],
}

function versionOf(tool: ToolName): string {
  const command = versions[tool]
  if (command === undefined || tools[tool].absence() !== null) return ''
  return ` (${outputOf(command).replace(/^\D*/, '')})`
}

const dovecotVersion = (): string => `Dovecot ${outputOf(['dovecot', '--version']).split(' ')[0]}`

function commit(): string {
  const changed = outputOf(['git', 'status', '--porcelain']) === '' ? '' : ' with changes'
  return `${outputOf(['git', 'rev-parse', '--short', 'HEAD'])}${changed}`
}

/** Empty where the program fails or is missing. */
function outputOf(command: readonly string[]): string {
  try {
    return Bun.spawnSync([...command], { stderr: 'ignore' })
      .stdout.toString()
      .trim()
  } catch {
    return ''
  }
}

/** Puts the last run between its marks; all else in the file stays as it is. */
export async function writeResults(section: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const marked = `${begin}\n\n${section}\n\n${end}`
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  const whole =
    from < 0 || to < from
      ? `${text.trimEnd()}\n\n${marked}\n`
      : text.slice(0, from) + marked + text.slice(to + end.length)
  await writeFile(file, whole)
}
