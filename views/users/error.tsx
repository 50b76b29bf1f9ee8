/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { UserError } from '../../src/domain/user.ts'
import { Icon } from '../parts/icon.tsx'
import { Time } from '../parts/time.tsx'

/** What went wrong, what it means, what to do about it; the server's own words last. */
export const UserErrorNotice: FC<{ error: UserError; retryAt: number | null }> = ({ error, retryAt }) => (
  <div class={`notice ${retryAt === null ? 'bad' : 'warn'}`} role="alert">
    <p>
      <Icon name={retryAt === null ? 'cross' : 'clock'} /> <strong>{error.meaning}</strong>
      {error.side && <span class="muted"> · at the {error.side}</span>}
    </p>
    <p>{error.remedy}.</p>
    <p class="words">{error.message}</p>
    <p class="muted">
      <Time at={error.at} />
      {retryAt !== null && (
        <>
          {' '}
          · next attempt <Time at={retryAt} />
        </>
      )}
    </p>
  </div>
)
