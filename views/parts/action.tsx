/** @jsxImportSource hono/jsx */

import type { Child, FC } from 'hono/jsx'
import type { IconName } from './icon.tsx'
import { Submit } from './submit.tsx'

/** A button that does one thing: a form of its own, so that it needs no script. */
export const Action: FC<{
  to: string
  words: string
  icon: IconName
  isPrimary?: boolean
  children?: Child
}> = ({ to, words, icon, isPrimary, children }) => (
  <form method="post" action={to}>
    {children}
    <Submit icon={icon} words={words} look={isPrimary ? 'primary' : undefined} />
  </form>
)
