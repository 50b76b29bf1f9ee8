import type { MailServer } from './mail-server.ts'

type Names = Pick<MailServer, 'prefix' | 'separator'>

/** Modified UTF-7 to text (RFC 3501, section 5.1.3). */
export function decodeName(name: string): string {
  return name.replace(/&([^-]*)-/g, (_, run: string) =>
    run === '' ? '&' : Buffer.from(run.replaceAll(',', '/'), 'base64').swap16().toString('utf16le'),
  )
}

/** Text to modified UTF-7 (RFC 3501, section 5.1.3). */
export function encodeName(text: string): string {
  return text.replaceAll('&', '&-').replace(/[^\x20-\x7e]+/g, (run) => {
    const base64 = Buffer.from(run, 'utf16le').swap16().toString('base64')
    return `&${base64.replace(/=+$/, '').replaceAll('/', ',')}-`
  })
}

export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}

/** The server's own name of a folder, as it stands on the wire. */
export function wireName(server: Names, path: readonly string[]): string {
  if (path.length === 1 && path[0] === 'INBOX') return 'INBOX'
  return server.prefix + path.map(encodeName).join(server.separator)
}

/** The path of a folder below the personal namespace; the inbox is ['INBOX'] in any case. */
export function pathOf(server: Names, name: string): readonly string[] {
  if (name.toUpperCase() === 'INBOX') return ['INBOX']
  const own = name.startsWith(server.prefix) ? name.slice(server.prefix.length) : name
  return own.split(server.separator).map(decodeName)
}
