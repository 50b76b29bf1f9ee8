const systemFlags = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'] as const

/** What FLAGS lists in front of the keywords. */
export const systemFlagList: readonly string[] = systemFlags

const canonical: ReadonlyMap<string, string> = new Map(systemFlags.map((flag) => [flag.toLowerCase(), flag]))

/** The system flag in its canonical case, or null. \Recent is none: no client may set it (RFC 3501, section 2.3.2). */
export const systemFlag = (text: string): string | null => canonical.get(text.toLowerCase()) ?? null

export type FlagChange = 'set' | 'add' | 'remove'

export const changeFlags: Record<FlagChange, (old: ReadonlySet<string>, flags: ReadonlySet<string>) => Set<string>> = {
  set: (_, flags) => new Set(flags),
  add: (old, flags) => new Set([...old, ...flags]),
  remove: (old, flags) => new Set([...old].filter((flag) => !flags.has(flag))),
}

export const sameFlags = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every((flag) => other.has(flag))
