import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createVault, type Place, UnsealFailed } from '../../src/platform/vault.ts'

const key = new Uint8Array(32).fill(7)
const place: Place = { table: 'users', row: 7, field: 'source_password' }

describe('the vault', () => {
  test('opens what it sealed', async () => {
    const vault = await createVault(key)
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        expect(await vault.open(await vault.seal(text, place), place)).toBe(text)
      }),
    )
  })

  test('seals the same text differently each time, and never shows it', async () => {
    const vault = await createVault(key)
    const sealed = await Promise.all([vault.seal('canary', place), vault.seal('canary', place)])
    expect(sealed[0]).not.toBe(sealed[1])
    for (const one of sealed) expect(Buffer.from(one, 'base64url').includes('canary')).toBe(false)
  })

  test.each([
    ['table', { ...place, table: 'endpoints' }],
    ['row', { ...place, row: 8 }],
    ['field', { ...place, field: 'target_password' }],
  ])('refuses to open at another %s', async (_, other) => {
    const vault = await createVault(key)
    const sealed = await vault.seal('canary', place)
    await expect(vault.open(sealed, other)).rejects.toThrow(UnsealFailed)
  })

  test('refuses to open with another key, and names the place but no secret', async () => {
    const sealed = await (await createVault(key)).seal('canary', place)
    const other = await createVault(new Uint8Array(32).fill(8))
    const error = await other.open(sealed, place).catch((thrown: Error) => thrown)
    expect(String(error)).toContain('users/7/source_password')
    expect(String(error)).not.toContain('canary')
    expect(String(error)).not.toContain(sealed)
  })

  test('refuses a sealed text that was changed at any byte, or cut', async () => {
    const vault = await createVault(key)
    const sealed = Buffer.from(await vault.seal('canary', place), 'base64url')
    for (let at = 0; at < sealed.length; at += 1) {
      const damaged = Buffer.from(sealed)
      damaged[at] = (damaged[at] ?? 0) ^ 1
      await expect(vault.open(damaged.toString('base64url'), place)).rejects.toThrow(UnsealFailed)
      await expect(vault.open(sealed.subarray(0, at).toString('base64url'), place)).rejects.toThrow(UnsealFailed)
    }
  })

  test('refuses a key of another length', async () => {
    await expect(createVault(new Uint8Array(16))).rejects.toThrow('16 bytes')
  })
})
