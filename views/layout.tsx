/** @jsxImportSource hono/jsx */
import type { Child, FC } from 'hono/jsx'
import { Icon, IconSheet } from './parts/icon.tsx'

export type Place = 'batches' | 'endpoints'

interface LayoutProps {
  title: string
  /** Where in the navigation the page belongs; null for whoever is not signed in. */
  place: Place | null
  /** Where scripts are off the page loads itself again after so many seconds; null: it does not change by itself. */
  refreshSeconds?: number | null
  children?: Child
}

const places: readonly (readonly [place: Place, href: string, words: string])[] = [
  ['batches', '/batches', 'Batches'],
  ['endpoints', '/endpoints', 'Endpoints'],
]

/** A whole page without its doctype. */
export const Layout: FC<LayoutProps> = ({ title, place, refreshSeconds = null, children }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <meta name="color-scheme" content="light dark" />
      <title>{`${title} · Postferry`}</title>
      <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
      <link rel="stylesheet" href="/assets/app.css" />
      {refreshSeconds !== null && (
        <noscript>
          <meta http-equiv="refresh" content={String(refreshSeconds)} />
        </noscript>
      )}
      <Scripts isSignedIn={place !== null} />
    </head>
    <body>
      <IconSheet />
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header place={place} />
      <main id="main" tabindex={-1}>
        {children}
      </main>
    </body>
  </html>
)

const Scripts: FC<{ isSignedIn: boolean }> = ({ isSignedIn }) => (
  <>
    {/* htmx would take over Back and Forward; these pages are documents, which the browser does better. */}
    <meta name="htmx-config" content='{"history": false}' />
    {isSignedIn && <script src="/assets/htmx.js" defer />}
    <script src="/assets/app.js" defer />
  </>
)

const Header: FC<{ place: Place | null }> = ({ place }) => (
  <header>
    <a class="brand" href="/">
      <Icon name="boat" /> Postferry
    </a>
    {place !== null && (
      <>
        <nav aria-label="Main">
          {places.map(([name, href, words]) => (
            <a href={href} aria-current={name === place ? 'page' : undefined}>
              {words}
            </a>
          ))}
        </nav>
        <form method="post" action="/sign-out">
          <button type="submit" class="plain">
            Sign out
          </button>
        </form>
      </>
    )}
  </header>
)

/** The way up from a page. */
export const Crumbs: FC<{ trail: readonly (readonly [href: string, words: string])[] }> = ({ trail }) => (
  <nav class="crumbs" aria-label="You are in">
    {trail.map(([href, words]) => (
      <a href={href}>{words}</a>
    ))}
  </nav>
)
