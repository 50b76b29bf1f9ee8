/**
 * Modified UTF-7, the spelling of folder names on the wire (RFC 3501, section 5.1.3).
 * Unpaired surrogates have no spelling: U+FFFD stands in for them.
 */
export function encodeUtf7(name: string): string {
  return name
    .toWellFormed()
    .replaceAll('&', '&-')
    .replace(/[^\x20-\x7e]+/g, (run) => `&${base64OfUtf16(run)}-`)
}

/**
 * The name that `text` spells, or null where it is broken. Only the one spelling that `encodeUtf7` would write is whole:
 * the RFC forbids to shift for printable ASCII and to shift twice in a row, so that two spellings never mean one folder.
 */
export function decodeUtf7(text: string): string | null {
  if (!/^(?:[\x20-\x25\x27-\x7e]|&[A-Za-z0-9+,]*-)*$/.test(text)) return null
  const name = text.replace(/&([^-]*)-/g, (_, shifted: string) => (shifted === '' ? '&' : utf16OfBase64(shifted)))
  return name.isWellFormed() && encodeUtf7(name) === text ? name : null
}

function base64OfUtf16(text: string): string {
  let bytes = ''
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    bytes += String.fromCharCode(unit >> 8, unit & 0xff)
  }
  return btoa(bytes).replaceAll('/', ',').replace(/=+$/, '')
}

/** Leftover bits are dropped here and found by the comparison above. */
function utf16OfBase64(shifted: string): string {
  const whole = shifted.length % 4 === 1 ? shifted.slice(0, -1) : shifted
  const bytes = atob(whole.replaceAll(',', '/'))
  let text = ''
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    text += String.fromCharCode((bytes.charCodeAt(at) << 8) | bytes.charCodeAt(at + 1))
  }
  return text
}
