import { dirname, join, posix } from 'node:path'
import { Glob } from 'bun'

const root = join(import.meta.dir, '../..')

export interface SourceFile {
  /** From the top of the project, with `/`. */
  readonly path: string
  readonly text: string
}

/** The files of the project that match any of the globs, in the order of their names. */
export async function readSourceFiles(...patterns: readonly string[]): Promise<readonly SourceFile[]> {
  const found = await Promise.all(patterns.map((pattern) => Array.fromAsync(scan(pattern))))
  const lost = patterns.find((_, index) => found[index]?.length === 0)
  if (lost !== undefined) throw new Error(`Cannot read "${lost}": no file matches`)
  return Promise.all([...new Set(found.flat())].sort().map(read))
}

const scan = (pattern: string) => new Glob(pattern).scan({ cwd: root, dot: true })

const read = async (path: string): Promise<SourceFile> => ({
  path: path.replaceAll('\\', '/'),
  text: await Bun.file(join(root, path)).text(),
})

// Types count as well: whoever names another's type knows it.
const statements = /^(?:import|export)\s(?:[^'";=]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm

/** What a file imports: packages by their name, other files by their path from the top of the project. */
export function importsOf({ path, text }: SourceFile): readonly string[] {
  return Array.from(text.matchAll(statements), ([, static_, dynamic]) => {
    const specifier = static_ ?? dynamic ?? ''
    return specifier.startsWith('.') ? posix.join(dirname(path), specifier) : specifier
  })
}
