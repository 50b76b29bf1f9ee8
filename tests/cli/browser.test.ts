import { expect, test } from 'bun:test'
import { browserOpener } from '../../src/cli/browser.ts'
import { recordedShell } from './recorded-shell.ts'

test.each<[string, string, Record<string, string>, boolean, string | null]>([
  ['a desktop on Linux', 'linux', { DISPLAY: ':0' }, true, 'xdg-open'],
  ['Wayland', 'linux', { WAYLAND_DISPLAY: 'wayland-0' }, true, 'xdg-open'],
  ['macOS', 'darwin', {}, true, 'open'],
  ['a console on Linux', 'linux', {}, true, null],
  ['CI', 'linux', { DISPLAY: ':0', CI: 'true' }, true, null],
  ['a remote shell', 'darwin', { SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, true, null],
  ['a pipe', 'linux', { DISPLAY: ':0' }, false, null],
  ['an unknown system', 'plan9', { DISPLAY: ':0' }, true, null],
])('on %s the page is opened as it should', (_, platform, env, isTerminal, program) =>
  expect(browserOpener({ ...recordedShell({ isTerminal }), platform, env })?.[0] ?? null).toBe(program),
)
