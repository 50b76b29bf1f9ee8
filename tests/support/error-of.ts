/**
 * The error that a promise is rejected with; raises when it is fulfilled. `expect(promise).rejects` waits without
 * leaving the event loop (Bun 1.4.5), so it never hears of a promise that a Worker settles.
 */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome) return outcome.error
  throw new Error(`Cannot find an error: the promise was fulfilled with ${JSON.stringify(outcome.value)}`)
}
