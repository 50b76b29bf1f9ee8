/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import { Icon } from './icon.tsx'

/** What stands where nothing is yet: why, and the one step that comes next. */
export const Empty: FC<{ title: string; text: string; href: string; action: string }> = ({
  title,
  text,
  href,
  action,
}) => (
  <div class="empty">
    <h2>{title}</h2>
    <p>{text}</p>
    <p>
      <a class="button primary" href={href}>
        <Icon name="plus" /> {action}
      </a>
    </p>
  </div>
)
