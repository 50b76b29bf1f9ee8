/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import { dateTime } from '../format.ts'

/** A moment, or a dash where there is none yet. */
export const Time: FC<{ at: number | null }> = ({ at }) =>
  at === null ? <span class="none">–</span> : <time datetime={new Date(at).toISOString()}>{dateTime(at)}</time>
