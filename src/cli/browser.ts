import { spawn } from 'node:child_process'
import type { Shell } from './shell.ts'

const openers: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['explorer.exe'],
  linux: ['xdg-open'],
}

/** The program that shows a page to who sits before this terminal; null where nobody does, or not at a desktop. */
export function browserOpener({ env, platform, stdout }: Pick<Shell, 'env' | 'platform' | 'stdout'>) {
  const hasDesktop = platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
  const isRemote = Boolean(env.CI || env.SSH_CONNECTION)
  return stdout.isTerminal && hasDesktop && !isRemote ? (openers[platform] ?? null) : null
}

/** Tries to show a page. The link stands in the terminal too, so nothing is said when it does not work. */
export function openBrowser(shell: Shell, url: string): void {
  const [program, ...args] = browserOpener(shell) ?? []
  if (program === undefined) return
  try {
    const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true })
    child.on('error', () => {})
    child.unref()
  } catch {
    // Deno asks for the permission to run programs, and may not have it.
  }
}
