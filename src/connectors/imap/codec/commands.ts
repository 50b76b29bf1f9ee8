import { Buffer } from 'node:buffer'

/** One command: text that goes out as it is, and literals. */
export type CommandPart = string | Uint8Array

/**
 * NUL, CR and LF have no place in any string that we send, be it a literal; nor has a character above 255, which would
 * lose its upper bits on the wire and become another.
 */
export const isSendable = (text: string): boolean => !/[\0\r\n\u0100-\uffff]/.test(text)

/** A string argument: quoted where that is allowed, else as a literal (RFC 3501, section 4.3). One character a byte. */
export function stringArgument(text: string): CommandPart {
  if (!isSendable(text)) throw new Error('Cannot send a string with CR, LF, NUL or what is no byte')
  return /^[\x20-\x7e\t]{0,1000}$/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : Buffer.from(text, 'latin1')
}
