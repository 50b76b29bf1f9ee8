/** @jsxImportSource hono/jsx */
import type { HtmlEscapedString } from 'hono/utils/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { Problems } from '../../views/parts/problems.tsx'
import { ProblemPage } from '../../views/problem.tsx'
import { isRefusal, type Refusal } from '../domain/refusal.ts'
import { entityTag, isKnown } from './entity-tag.ts'
import { type Ctx, isApi, wantsFragment } from './environment.ts'
import { type ProblemDetails, problemOf, problemResponse } from './problems.ts'

export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>

/** A whole page. */
export const page = async (c: Ctx, markup: Markup, status: ContentfulStatusCode = 200): Promise<Response> =>
  c.html(`<!doctype html>${await markup}`, status)

/** A part of a page; nothing at all to whoever has it already. */
export async function fragment(c: Ctx, markup: Markup): Promise<Response> {
  const html = String(await markup)
  const tag = entityTag(html)
  const headers = { etag: tag, 'hx-ptag': tag }
  return isKnown(c, tag) ? c.body(null, 304, headers) : c.html(html, 200, headers)
}

/** After a form: on to the page that shows what came of it. htmx would follow a redirect by itself and not move on. */
export const seeOther = (c: Ctx, path: string): Response =>
  wantsFragment(c) ? c.body(null, 200, { 'hx-redirect': path }) : c.redirect(path, 303)

/** What a form was refused for; any other error goes on. */
export function asRefused(error: unknown): Refusal {
  if (isRefusal(error)) return error
  throw error
}

/** A form once more with its mistakes: whole, or for htmx just the place where they stand. */
export async function formAgain(
  c: Ctx,
  refused: Refusal,
  whole: () => Markup,
  problems: () => Markup,
): Promise<Response> {
  const { status } = problemOf(refused)
  return wantsFragment(c) ? c.html(String(await problems()), status) : page(c, whole(), status)
}

/** A problem in the form that its asker reads. */
export function problemAnswer(c: Ctx, problem: ProblemDetails): Response | Promise<Response> {
  if (isApi(c) || wantsJson(c)) return problemResponse(problem)
  if (wantsFragment(c)) return problemFragment(c, problem)
  const { title, detail, problems, status } = problem
  const isSignedIn = c.var.principal?.kind === 'session'
  return page(c, <ProblemPage title={title} detail={detail} problems={problems} isSignedIn={isSignedIn} />, status)
}

/** A form shows it in its place for problems; a part that only asked for news of itself stays as it was. */
function problemFragment(c: Ctx, { detail, problems, status }: ProblemDetails): Response {
  if (c.req.method === 'GET') return c.body(null, status, { 'hx-reswap': 'none' })
  const place = { 'hx-retarget': '#problems', 'hx-reswap': 'outerMorph show:top' }
  return c.html(String(<Problems refused={{ message: detail, problems }} />), status, place)
}

const wantsJson = (c: Ctx): boolean => {
  const accepted = c.req.header('accept') ?? ''
  return accepted.includes('json') && !accepted.includes('html')
}
