/** @jsxImportSource hono/jsx */

import type { FC } from 'hono/jsx'
import { Layout } from './layout.tsx'
import { Icon } from './parts/icon.tsx'
import { Submit } from './parts/submit.tsx'

/**
 * `token` is the one of the link that was followed, or null. Opening the link only shows a button, since whatever looks
 * at links ahead of a person would use it up.
 */
export const SignInPage: FC<{ token: string | null; isRefused?: boolean }> = ({ token, isRefused = false }) => (
  <Layout title="Sign in" place={null}>
    <div class="narrow">
      <h1>Sign in</h1>
      {isRefused && (
        <p class="notice bad" role="alert">
          <Icon name="cross" /> This link was used already, or is older than 30 minutes.
        </p>
      )}
      {token === null ? <WhereTheLinkIs /> : <UseLink token={token} />}
    </div>
  </Layout>
)

const UseLink: FC<{ token: string }> = ({ token }) => (
  <form method="post" action="/sign-in" data-submits>
    <p>This link signs this browser in, once.</p>
    <input type="hidden" name="token" value={token} />
    <Submit icon="arrow" words="Open Postferry" look="primary" />
  </form>
)

const WhereTheLinkIs: FC = () => (
  <>
    <p>Whoever runs the server has the key: it prints a link for one sign-in when it starts.</p>
    <p>On the machine of the server this makes another one, which holds for 30 minutes:</p>
    <p>
      <code>postferry sign-in-link</code>
    </p>
  </>
)
