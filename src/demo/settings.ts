import type { BrokenNameAnswer } from './grammar.ts'

/** Everything that can be left out, by its word in CAPABILITY; some have no word of their own there. */
export const allExtensions = [
  'LITERAL+',
  'SASL-IR',
  'ENABLE',
  'ID',
  'IDLE',
  'NAMESPACE',
  'CHILDREN',
  'UIDPLUS',
  'MULTIAPPEND',
  'UNSELECT',
  'MOVE',
  'ESEARCH',
  'CONDSTORE',
  'QRESYNC',
  'LIST-EXTENDED',
  'LIST-STATUS',
  'SPECIAL-USE',
  'CREATE-SPECIAL-USE',
  'QUOTA',
  'OBJECTID',
] as const

export type Extension = (typeof allExtensions)[number] | 'LITERAL-'

/** All extensions but the named ones; a server of RFC 3501 alone has none. */
export const extensionsWithout = (...left: readonly Extension[]): readonly Extension[] =>
  allExtensions.filter((extension) => !left.includes(extension))

export interface TlsKeys {
  /** PEM. */
  readonly key: string
  readonly cert: string
}

export interface Settings {
  readonly extensions: ReadonlySet<Extension>
  /** Offered as STARTTLS, or spoken from the first byte where `isTlsImplicit`. */
  readonly tls: TlsKeys | null
  readonly isTlsImplicit: boolean
  /** LOGINDISABLED: no password is taken in clear text. */
  readonly isLoginDisabled: boolean
  /** APPENDLIMIT of RFC 7889; null offers none and accepts up to 256 MiB. */
  readonly appendBytesMax: number | null
  /** Keywords that can be stored; `any` is PERMANENTFLAGS with `\*`. Others are passed over in silence. */
  readonly keywords: 'any' | readonly string[]
  /**
   * After a BAD in front of a non-synchronizing literal its bytes are read as commands, as Dovecot 2.3.19 does.
   * False: they are thrown away.
   */
  readonly executesLiteralAfterBad: boolean
  readonly brokenNameAnswer: BrokenNameAnswer
  readonly nameBytesMax: number
  /** Why a message is not stored, or null. By default none that is empty or holds a NUL (RFC 3501, section 9). */
  readonly refuseMessage: (bytes: Uint8Array) => string | null
  /** FETCH answers contents first and UID, FLAGS, INTERNALDATE behind: any order is allowed (RFC 3501, section 7.4.2). */
  readonly sendsBodyFirst: boolean
  readonly lineBytesMax: number
  /** After so many BAD in a row the server says BYE. */
  readonly badCommandsMax: number
}

export const defaultSettings: Settings = {
  extensions: new Set(allExtensions),
  tls: null,
  isTlsImplicit: false,
  isLoginDisabled: false,
  appendBytesMax: null,
  keywords: 'any',
  executesLiteralAfterBad: true,
  brokenNameAnswer: 'NO',
  nameBytesMax: 1000,
  refuseMessage: refuseEmptyOrNul,
  sendsBodyFirst: false,
  lineBytesMax: 64 * 1024,
  badCommandsMax: 20,
}

function refuseEmptyOrNul(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return 'Empty message'
  return bytes.includes(0) ? 'Message holds a NUL' : null
}
