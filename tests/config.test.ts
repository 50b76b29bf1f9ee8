import { describe, expect, test } from 'bun:test'
import { readSetting, type Surroundings, settings } from '../src/config.ts'

const around = (env: Record<string, string>, platform = 'linux'): Surroundings => ({ env, platform, home: '/home/a' })

describe('the data folder', () => {
  test.each([
    ['the state folder of the user', around({}), '/home/a/.local/state/postferry'],
    ['the XDG state folder', around({ XDG_STATE_HOME: '/state' }), '/state/postferry'],
    ['what the service manager names', around({ STATE_DIRECTORY: '/var/lib/ferry' }), '/var/lib/ferry'],
    ['Application Support on macOS', around({}, 'darwin'), '/home/a/Library/Application Support/postferry'],
    ['the variable before a default', around({ POSTFERRY_DATA: '/srv/p', STATE_DIRECTORY: '/v' }), '/srv/p'],
    ['the default where the variable is empty', around({ POSTFERRY_DATA: '' }), '/home/a/.local/state/postferry'],
  ])('is %s', (_, surroundings, folder) => expect(readSetting(settings.data, null, surroundings)).toBe(folder))

  test('given by the flag wins over the variable', () =>
    expect(readSetting(settings.data, '/flag', around({ POSTFERRY_DATA: '/variable' }))).toBe('/flag'))
})

describe('the listen address', () => {
  test.each([
    ['127.0.0.1:8480', { host: '127.0.0.1', port: 8480 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
  ])('%s is understood', (text, address) => expect(settings.listen.parse(text)).toEqual(address))

  test.each(['', '8480', '127.0.0.1', '::1:80', 'host:99999', 'host:-1', 'a:b:1', 'host:8x'])(
    '"%s" is refused',
    (text) => expect(() => settings.listen.parse(text)).toThrow('Cannot listen on'),
  )
})

describe('the number of kept connections', () => {
  test.each(['0', '500', '99999'])('%s is understood', (text) =>
    expect(settings.keptConnections.parse(text)).toBe(Number(text)),
  )

  test.each(['', '-1', '1.5', 'many', '100000'])('"%s" is refused', (text) =>
    expect(() => settings.keptConnections.parse(text)).toThrow('Cannot keep'),
  )
})

test.each([
  ['', false],
  ['0', false],
  ['1', true],
  ['yes', true],
])('the debug variable "%s" means %s', (text, isOn) => expect(settings.debug.parse(text)).toBe(isOn))
