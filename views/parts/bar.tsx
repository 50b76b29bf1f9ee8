/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import { percent } from '../format.ts'
import type { Tone } from './status.tsx'

/** How much of the whole is done. A bar of nothing is empty, or full where `isDone` says that nothing was to do. */
export const ProgressBar: FC<{
  label: string
  done: number
  total: number
  tone?: Tone
  isDone?: boolean
}> = ({ label, done, total, tone = 'busy', isDone = false }) => {
  const share = percent(done, total) ?? (isDone ? 100 : 0)
  return (
    <svg
      class={`bar ${tone}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow={share}
    >
      <rect class="track" width="100%" height="100%" />
      <rect class="done" width={`${share}%`} height="100%" />
    </svg>
  )
}
