/** What a Guid names; its last part is the id, so that a Guid finds what it names without being kept. */
const kinds = { batch: '0001', user: '0002', endpoint: '0003' } as const

export type GuidKind = keyof typeof kinds

/** A Guid (RFC 9562, version 8) for an id of ours. */
export const guidOf = (kind: GuidKind, id: number): string =>
  `706f7374-${kinds[kind]}-8000-8000-${id.toString(16).padStart(12, '0')}`

/** The id that a Guid of that kind names; any other text is a name and is given back. */
export function idOrName(kind: GuidKind, text: string): string | number {
  const [, digits] = new RegExp(`^\\{?706f7374-${kinds[kind]}-8000-8000-([0-9a-f]{12})\\}?$`, 'i').exec(text) ?? []
  return digits === undefined ? text : Number.parseInt(digits, 16)
}

/** `incrementalSyncing` as Exchange writes it. */
export const pascal = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
