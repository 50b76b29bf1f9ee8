import type { SpecialUse } from '../domain/mail.ts'

const attributes: Record<SpecialUse, string> = {
  all: '\\All',
  archive: '\\Archive',
  drafts: '\\Drafts',
  flagged: '\\Flagged',
  important: '\\Important',
  junk: '\\Junk',
  sent: '\\Sent',
  trash: '\\Trash',
}

/** As LIST spells it (RFC 6154, section 2). */
export const specialUseAttribute = (use: SpecialUse): string => attributes[use]

/** The special use of an attribute in any case, or null. */
export function specialUseOf(attribute: string): SpecialUse | null {
  const name = attribute.slice(1).toLowerCase()
  return Object.hasOwn(attributes, name) ? (name as SpecialUse) : null
}
