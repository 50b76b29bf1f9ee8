/** @jsxImportSource hono/jsx */

import type { FC } from 'hono/jsx'
import type { User } from '../../src/domain/user.ts'
import { Submit } from '../parts/submit.tsx'

/** A folder that was filled before is gone at the target. Nothing is copied into a new one unless somebody says so. */
export const HeldForFolder: FC<{ user: User }> = ({ user }) => (
  <section class="panel" aria-labelledby="held">
    <h2 id="held">What shall become of the removed folder?</h2>
    <div class="actions">
      <Answer user={user} rule="leave" words="Leave it away" />
      <Answer user={user} rule="recreate" words="Make it again and copy its mail" />
    </div>
    <p class="muted">Either answer holds for every folder of this mailbox, and the mailbox is tried again at once.</p>
  </section>
)

const Answer: FC<{ user: User; rule: Exclude<User['missingTargetFolder'], 'hold'>; words: string }> = ({
  user,
  rule,
  words,
}) => (
  <form method="post" action={`/users/${user.id}`}>
    <input type="hidden" name="missingTargetFolder" value={rule} />
    <input type="hidden" name="thenRetry" value="on" />
    <Submit icon={rule === 'leave' ? 'cross' : 'plus'} words={words} />
  </form>
)
