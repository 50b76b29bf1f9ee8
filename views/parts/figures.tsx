/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { Tone } from './status.tsx'

export interface Figure {
  readonly label: string
  readonly value: string
  readonly href?: string
  readonly tone?: Tone
}

/** Numbers side by side, each with its word below. */
export const Figures: FC<{ items: readonly Figure[]; label: string }> = ({ items, label }) => (
  <ul class="figures" aria-label={label}>
    {items.map(({ label: word, value, href, tone }) => (
      <li class={tone}>
        <strong>{value}</strong> {href ? <a href={href}>{word}</a> : <span>{word}</span>}
      </li>
    ))}
  </ul>
)
