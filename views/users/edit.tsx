/** @jsxImportSource hono/jsx */

import type { FC } from 'hono/jsx'
import type { User } from '../../src/domain/user.ts'
import { Field, Group, Tick } from '../parts/field.tsx'
import { Submit } from '../parts/submit.tsx'
import { canRetry } from './user.ts'

/** Passwords are written here and never read back: an empty field leaves the one that is kept. */
export const EditUser: FC<{ user: User }> = ({ user }) => (
  <section aria-labelledby="edit">
    <h2 id="edit">User names and passwords</h2>
    <form method="post" action={`/users/${user.id}`}>
      <div class="pair">
        <Group title="Source">
          <Field name="sourceUserName" label="User name" value={user.sourceUserName} />
          <Field name="sourcePassword" label="New password" type="password" hint={keptHint(user.hasSourcePassword)} />
        </Group>
        <Group title="Target">
          <Field name="targetUserName" label="User name" value={user.targetUserName} />
          <Field name="targetPassword" label="New password" type="password" hint={keptHint(user.hasTargetPassword)} />
        </Group>
      </div>
      {canRetry(user) && <Tick name="thenRetry" label="Try the mailbox again with it" isOn />}
      <Submit icon="check" words="Save" />
    </form>
  </section>
)

const keptHint = (hasPassword: boolean): string =>
  hasPassword
    ? 'A password is kept. Leave this empty to keep it.'
    : 'None is kept: the administrator of the endpoint signs in.'
