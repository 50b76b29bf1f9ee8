import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DataFolderFailed,
  openDataFolder,
  readCliToken,
  readServerInfo,
  removeServerInfo,
  writeServerInfo,
} from '../../src/platform/data-folder.ts'

let parent: string
let path: string

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'postferry-'))
  path = join(parent, 'a', 'data')
})
afterEach(() => rmSync(parent, { recursive: true }))

const modeOf = (file: string): number => statSync(file).mode & 0o777

describe('the data folder', () => {
  test('is made for its owner alone, with key and token, and nothing else', () => {
    const { key, cliToken } = openDataFolder(path)
    expect(key.length).toBe(32)
    expect(cliToken).toMatch(/^[\w-]{43}$/)
    expect(modeOf(path)).toBe(0o700)
    expect(readdirSync(path).sort()).toEqual(['cli.token', 'key'])
    for (const file of ['key', 'cli.token']) expect(modeOf(join(path, file))).toBe(0o600)
  })

  test('keeps its key and token', () => {
    expect(openDataFolder(path)).toEqual(openDataFolder(path))
    expect(readCliToken(path)).toBe(openDataFolder(path).cliToken)
  })

  test('takes the key away from others when somebody opened it to them', () => {
    openDataFolder(path)
    chmodSync(join(path, 'key'), 0o644)
    openDataFolder(path)
    expect(modeOf(join(path, 'key'))).toBe(0o600)
  })

  test('makes no new key beside a database that was sealed with another', () => {
    writeFileSync(openDataFolder(path).databaseFile, 'x')
    rmSync(join(path, 'key'))
    expect(() => openDataFolder(path)).toThrow('its key file is gone')
  })

  test('refuses a damaged key', () => {
    openDataFolder(path)
    writeFileSync(join(path, 'key'), 'short')
    expect(() => openDataFolder(path)).toThrow('its key file is damaged')
  })

  test('says what is wrong with its path', () => {
    const file = join(parent, 'file')
    writeFileSync(file, '')
    expect(() => openDataFolder(file)).toThrow(DataFolderFailed)
    expect(() => openDataFolder(file)).toThrow('it is a file')
    expect(() => openDataFolder(join(file, 'below'))).toThrow('a part of the path is a file')
  })

  test('tells where its server is, while there is one', () => {
    openDataFolder(path)
    expect(readServerInfo(path)).toBeNull()
    writeServerInfo(path, { address: 'http://127.0.0.1:8480', pid: 12 })
    writeServerInfo(path, { address: 'http://127.0.0.1:8481', pid: 13 })
    expect(readServerInfo(path)).toEqual({ address: 'http://127.0.0.1:8481', pid: 13 })
    expect(modeOf(join(path, 'server.json'))).toBe(0o600)
    removeServerInfo(path)
    removeServerInfo(path)
    expect(readServerInfo(path)).toBeNull()
    expect(readdirSync(path).sort()).toEqual(['cli.token', 'key'])
  })

  test.each(['', '{', '{"address":1,"pid":2}', 'null'])('has no server when server.json is %p', (text) => {
    openDataFolder(path)
    writeFileSync(join(path, 'server.json'), text)
    expect(readServerInfo(path)).toBeNull()
  })

  test('that is not there has neither token nor server', () => {
    expect(readCliToken(path)).toBeNull()
    expect(readServerInfo(path)).toBeNull()
  })
})
