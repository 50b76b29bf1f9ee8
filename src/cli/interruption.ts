import { exitCodes } from './exit-codes.ts'
import type { Shell } from './shell.ts'

/** A wish to end, told by SIGINT or SIGTERM. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal
}

/** The first signal aborts, so that what runs can end softly; the second one ends the process at once. */
export function listenForInterruption(shell: Shell): Interruption {
  const controller = new AbortController()
  const release = shell.onSignal(() => {
    if (controller.signal.aborted) shell.exit(exitCodes.interrupted)
    else controller.abort()
  })
  return { signal: controller.signal, [Symbol.dispose]: release }
}

/** Fulfilled when the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
