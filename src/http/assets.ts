import { Hono } from 'hono'
import css from '../../public/app.css' with { type: 'text' }
import script from '../../public/app.js' with { type: 'text' }
import htmx from '../../public/htmx.min.js' with { type: 'text' }
import htmxPtag from '../../public/htmx-ptag.min.js' with { type: 'text' }
import htmxSse from '../../public/htmx-sse.min.js' with { type: 'text' }
import icon from '../../public/icon.svg' with { type: 'text' }
import { entityTag, isKnown } from './entity-tag.ts'
import type { Env } from './environment.ts'

const styleType = 'text/css; charset=utf-8'
const scriptType = 'text/javascript; charset=utf-8'

const assets: Readonly<Record<string, readonly [text: string, type: string]>> = {
  '/assets/app.css': [css, styleType],
  '/assets/app.js': [script, scriptType],
  // One script: htmx begins its work in a timer, which must not fire before its extensions are there.
  '/assets/htmx.js': [[htmx, htmxSse, htmxPtag].join('\n'), scriptType],
  '/assets/icon.svg': [icon, 'image/svg+xml'],
}

export const assetPaths: readonly string[] = Object.keys(assets)

/** The files of `public`, which sit in the executable. A browser keeps them, and asks whether they changed. */
export function assetRoutes(): Hono<Env> {
  const app = new Hono<Env>()
  for (const [path, [text, type]] of Object.entries(assets)) {
    const tag = entityTag(text)
    const headers = { 'content-type': type, 'cache-control': 'no-cache', etag: tag }
    app.get(path, (c) => (isKnown(c, tag) ? c.body(null, 304, headers) : c.body(text, 200, headers)))
  }
  return app
}
