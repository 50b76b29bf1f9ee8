import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { serve } from '../../src/platform/serve.ts'
import { type TestHttp, testHttp } from './http.ts'
import { findProgram } from './need.ts'

/** Real pages in a real browser, before a server on a socket. */
export interface Window extends AsyncDisposable {
  readonly server: TestHttp
  readonly address: string
  readonly page: Page
  readonly context: BrowserContext
  /** Whatever the browser refused or stumbled over: policies, errors of scripts, dialogs that a foreign script opened. */
  readonly complaints: string[]
  /** Stops listening and listens again on the same port. */
  restart(): Promise<void>
  signIn(): Promise<void>
}

const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
]

let browser: Promise<Browser> | null = null

const start = (): Promise<Browser> =>
  chromium.launch({ executablePath: findProgram('chromium') ?? 'chromium', headless: true, args: flags })

/** One browser serves all tests of a file; each window is a profile of its own. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close()
  browser = null
}

export async function openWindow(options: BrowserContextOptions = {}): Promise<Window> {
  const server = await testHttp()
  let listening = await serve({ hostname: '127.0.0.1', port: 0, fetch: server.http.fetch })
  const { address } = listening
  browser ??= start()
  const context = await (await browser).newContext({ viewport: { width: 1280, height: 900 }, ...options })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    dialog.dismiss().catch(() => {})
  })
  page.on('console', (message) => {
    if (/Content.Security.Policy|Refused to/i.test(message.text())) complaints.push(message.text())
  })
  return {
    server,
    address,
    page,
    context,
    complaints,
    async restart() {
      await listening.stop(0)
      listening = await serve({ hostname: '127.0.0.1', port: Number(new URL(address).port), fetch: server.http.fetch })
    },
    async signIn() {
      await page.goto(address + server.http.signInPath())
      if (options.javaScriptEnabled === false) await page.getByRole('button', { name: 'Open Postferry' }).click()
      await page.waitForURL(`${address}/batches`)
    },
    async [Symbol.asyncDispose]() {
      await context.close()
      await listening.stop(0)
      await server[Symbol.asyncDispose]()
    },
  }
}
