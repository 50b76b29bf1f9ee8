/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import { Icon, type IconName } from './icon.tsx'

/** The button that sends its form. */
export const Submit: FC<{ words: string; icon: IconName; look?: 'primary' | 'danger' }> = ({ words, icon, look }) => (
  <button type="submit" class={look}>
    <Icon name={icon} /> {words}
  </button>
)
