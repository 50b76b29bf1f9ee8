import { createHash } from 'node:crypto'
import type { Ctx } from './environment.ts'

/** A strong ETag of a text (RFC 9110, section 8.8.3). */
export const entityTag = (text: string): string =>
  `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`

/** Whether the asker has just this already; htmx keeps the tag of a part of a page under a header of its own. */
export function isKnown(c: Ctx, tag: string): boolean {
  const known = `${c.req.header('if-none-match') ?? ''},${c.req.header('hx-ptag') ?? ''}`
  return known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
}
