/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'

/** Lines on a field of 16 by 16. */
const shapes = {
  check: 'M3 8.5l3.2 3.2L13 4.8',
  cross: 'M4 4l8 8M12 4l-8 8',
  alert: 'M8 2.2L14.6 13.6H1.4ZM8 6.4v3.4M8 11.6v.2',
  clock: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M8 4.8V8l2.2 1.6',
  sync: 'M13.4 6.4A5.6 5.6 0 0 0 3.2 5.2M2.6 9.6a5.6 5.6 0 0 0 10.2 1.2M3 2.4v3h3M13 13.6v-3h-3',
  play: 'M5 3.2v9.6L12.6 8Z',
  stop: 'M4 4h8v8H4Z',
  flag: 'M4 14V2.6h8l-1.8 2.8L12 8.2H4',
  dot: 'M8 6.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2',
  plus: 'M8 3v10M3 8h10',
  trash: 'M3 4.4h10M6.2 4.2V2.6h3.6v1.6M4.4 4.4l.6 9h6l.6-9',
  arrow: 'M2.6 8h10.4M9.4 4.4L13 8l-3.6 3.6',
  shield: 'M8 1.8l5 1.8v4.2c0 3-2 5-5 6.4-3-1.4-5-3.4-5-6.4V3.6ZM5.6 7.8l1.8 1.8 3-3.2',
  boat: 'M1.8 9.2h12.4l-1.8 3.6H3.6ZM4 9V6.2h7.2L12.4 9M6 6V3.4h2.4V6',
} as const

export type IconName = keyof typeof shapes

/** The drawings of a page, once; every `Icon` refers to them. */
export const IconSheet: FC = () => (
  <svg class="sheet" aria-hidden="true">
    {Object.entries(shapes).map(([name, lines]) => (
      <symbol id={`i-${name}`} viewBox="0 0 16 16">
        <path d={lines} />
      </symbol>
    ))}
  </svg>
)

/** Never alone: a word stands beside it. */
export const Icon: FC<{ name: IconName }> = ({ name }) => (
  <svg class="icon" aria-hidden="true">
    <use href={`#i-${name}`} />
  </svg>
)
