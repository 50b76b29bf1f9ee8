import type { Failure } from './faults.ts'

/** One statement as drizzle builds it. */
export interface Query {
  readonly sql: string
  readonly params: readonly unknown[]
  readonly method: 'run' | 'all' | 'values' | 'get'
}

/** Rows as arrays of values; of a `get` the first row itself (undefined where there is none), as drizzle expects it. */
export interface Rows {
  readonly rows: unknown[]
}

/** What happened to one write: all of its statements took effect, or none. */
export type Outcome = { readonly results: readonly Rows[] } | { readonly failure: Failure }

export type Request =
  | { readonly kind: 'open'; readonly path: string; readonly lockWaitMs: number }
  | { readonly kind: 'read'; readonly queries: readonly Query[] }
  | { readonly kind: 'write'; readonly writes: readonly (readonly Query[])[] }
  | { readonly kind: 'close' }

export interface Asked {
  readonly id: number
  readonly request: Request
}

/** One outcome for each write of a `write`, one for anything else. */
export interface Answered {
  readonly id: number
  readonly outcomes: readonly Outcome[]
}
