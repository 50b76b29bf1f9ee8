import { Buffer } from 'node:buffer'

/** Where a sealed text stands: what was sealed for one place cannot be opened at another. */
export interface Place {
  readonly table: string
  readonly row: number | string
  readonly field: string
}

/** Seals secrets with the key of the data folder: AES-256-GCM, a nonce for each text, its place as associated data. */
export interface Vault {
  /** Base64url text that is safe to store. */
  seal(text: string, place: Place): Promise<string>
  /** Raises UnsealFailed for another key, another place, or a changed text. */
  open(sealed: string, place: Place): Promise<string>
}

/** A sealed text that cannot be opened. */
export class UnsealFailed extends Error {
  override readonly name = 'UnsealFailed'
}

export const keyBytes = 32

const version = 1
const nonceBytes = 12
const tagBytes = 16

/** Takes the 32 bytes of the key; they are not kept where they could be read again. */
export async function createVault(key: Uint8Array): Promise<Vault> {
  if (key.length !== keyBytes) throw new Error(`Cannot use a key of ${key.length} bytes: it must have ${keyBytes}`)
  const cryptoKey = await crypto.subtle.importKey('raw', key.slice(), 'AES-GCM', false, ['encrypt', 'decrypt'])
  return {
    seal: (text, place) => seal(cryptoKey, text, place),
    open: (sealed, place) => open(cryptoKey, sealed, place),
  }
}

async function seal(key: CryptoKey, text: string, place: Place): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes))
  const sealed = await crypto.subtle.encrypt(algorithm(nonce, place), key, new TextEncoder().encode(text))
  return Buffer.concat([Uint8Array.of(version), nonce, new Uint8Array(sealed)]).toString('base64url')
}

async function open(key: CryptoKey, sealed: string, place: Place): Promise<string> {
  const bytes = new Uint8Array(Buffer.from(sealed, 'base64url'))
  if (bytes[0] !== version || bytes.length < 1 + nonceBytes + tagBytes)
    throw new UnsealFailed(`Cannot open the secret of ${nameOf(place)}: it is not one that was sealed here`)
  const nonce = bytes.slice(1, 1 + nonceBytes)
  try {
    const text = await crypto.subtle.decrypt(algorithm(nonce, place), key, bytes.slice(1 + nonceBytes))
    return new TextDecoder().decode(text)
  } catch (cause) {
    throw new UnsealFailed(
      `Cannot open the secret of ${nameOf(place)}: it was sealed with another key or for another place, or it was changed`,
      { cause },
    )
  }
}

const algorithm = (iv: Uint8Array<ArrayBuffer>, place: Place): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(nameOf(place)),
  tagLength: tagBytes * 8,
})

// Table and field are names of ours without a slash, so no two places have one name.
const nameOf = ({ table, row, field }: Place): string => `${table}/${row}/${field}`
