import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DovecotServer } from '../support/dovecot.ts'

/** One command as the product sent it: literals cut out, so that no mail can be taken for a command. */
export interface SentCommand {
  /** In capitals, `UID FETCH` in two words. */
  readonly name: string
  /** Behind the name, `{n}` standing for each literal. */
  readonly arguments: string
}

/** How the tests' own connections tag their commands; nobody else may. */
const ownTag = /^t\d+$/

/** All commands that the product sent to the server after sign-in, the tests' own left out; needs `keepsWire`. */
export async function sentCommands({ folder }: DovecotServer): Promise<readonly SentCommand[]> {
  const wire = join(folder, 'wire')
  const files = (await readdir(wire)).filter((name) => name.endsWith('.in')).sort()
  const streams = await Promise.all(files.map((name) => readFile(join(wire, name), 'latin1')))
  return streams.flatMap((stream) => withoutLiterals(stream.replace(timeOfLine, '')).flatMap(readCommand))
}

/** Dovecot writes in front of every line when it came. */
const timeOfLine = /^\d+\.\d{6} /gm

/** The lines of a stream; each literal (RFC 3501, section 4.3, and RFC 7888) is skipped by its length. */
function withoutLiterals(stream: string): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (let at = 0; at < stream.length; ) {
    const end = stream.indexOf('\n', at)
    const text = stream.slice(at, end < 0 ? stream.length : end).replace(/\r$/, '')
    at = end < 0 ? stream.length : end + 1
    line += text
    const size = /\{(\d+)\+?\}$/.exec(text)?.[1]
    if (size === undefined) {
      lines.push(line)
      line = ''
    } else {
      at += Number(size)
    }
  }
  return lines
}

function readCommand(line: string): SentCommand[] {
  const [, tag = '', name = '', rest = ''] = /^(\S+) ((?:UID )?[A-Za-z]+)(.*)$/i.exec(line) ?? []
  return name === '' || ownTag.test(tag) ? [] : [{ name: name.toUpperCase(), arguments: rest.trim() }]
}
