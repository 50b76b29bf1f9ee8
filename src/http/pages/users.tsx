/** @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import { UserPage } from '../../../views/users/page.tsx'
import { UserProgressPanel } from '../../../views/users/panel.tsx'
import { canRetry } from '../../../views/users/user.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { User } from '../../domain/user.ts'
import { showUser, startUser, type UserChanges, updateUser, userFolders, userIssues } from '../../operations/users.ts'
import { asRefused, fragment, page, seeOther } from '../answers.tsx'
import { type Form, readForm, smallBody } from '../body.ts'
import { type Ctx, contextOf, type Env, wantsFragment } from '../environment.ts'
import { problemOf } from '../problems.ts'
import { userNow } from '../reads.ts'

const idOf = (c: Ctx): string => c.req.param('id') ?? ''

/** One mailbox of a batch. */
export function userRoutes(): Hono<Env> {
  const app = new Hono<Env>()
  app.get('/users/:id', async (c) => showPage(c, await showUser(contextOf(c), idOf(c))))

  app.post('/users/:id', smallBody, async (c) => {
    const user = await showUser(contextOf(c), idOf(c))
    const form = await readForm(c)
    try {
      await updateUser(contextOf(c), user.id, changesOf(form, user))
      if (form.isOn('thenRetry') && canRetry(user)) await startUser(contextOf(c), user.id)
      return seeOther(c, `/users/${user.id}`)
    } catch (error) {
      return showPage(c, user, asRefused(error))
    }
  })

  app.post('/users/:id/attempts', async (c) => {
    const { id } = await showUser(contextOf(c), idOf(c))
    await startUser(contextOf(c), id)
    return seeOther(c, `/users/${id}`)
  })
  return app
}

async function showPage(c: Ctx, stored: User, refused: Refusal | null = null): Promise<Response> {
  const [folders, issues] = await Promise.all([
    userFolders(contextOf(c), stored.id),
    userIssues(contextOf(c), stored.id),
  ])
  const user = userNow(c.var.shared, stored)
  if (wantsFragment(c)) return fragment(c, <UserProgressPanel user={user} folders={folders} issues={issues} />)
  const status = refused === null ? 200 : problemOf(refused).status
  return page(c, <UserPage user={user} folders={folders} issues={issues} refused={refused} />, status)
}

/** What differs, no more: an empty password is none that was typed. */
function changesOf(form: Form, user: User): UserChanges {
  const rule = missingTargetFolderRules.find((known) => known === form.text('missingTargetFolder'))
  const named = (name: 'sourceUserName' | 'targetUserName') => {
    const typed = form.text(name)
    return typed !== '' && typed !== user[name] ? { [name]: typed } : {}
  }
  const secret = (name: 'sourcePassword' | 'targetPassword') => {
    const typed = form.secret(name)
    return typed === undefined ? {} : { [name]: typed }
  }
  return {
    ...named('sourceUserName'),
    ...named('targetUserName'),
    ...secret('sourcePassword'),
    ...secret('targetPassword'),
    ...(rule && { missingTargetFolder: rule }),
  }
}

const missingTargetFolderRules = ['hold', 'recreate', 'leave'] as const
