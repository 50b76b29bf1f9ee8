import type { Row } from './output.ts'

/** A value of ours as the API answers it: times, whose names end in `at`, as ISO 8601 UTC. */
export const toRow = (value: object): Row => JSON.parse(JSON.stringify(value, isoTime))

const isoTime = (name: string, value: unknown): unknown =>
  typeof value === 'number' && /(^a|A)t$/.test(name) ? new Date(value).toISOString() : value
