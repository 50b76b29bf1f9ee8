/** One message of an event stream (HTML, section 9.2), with the lines of its data each on its own. */
export const eventMessage = (data: string, event?: string): string =>
  `${event === undefined ? '' : `event: ${event}\n`}${data
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('')}\n`

/** Nothing to tell, but not dead. */
export const keepAlive = ': \n\n'

const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }

/** Sends one part at a time, when the one before has gone. `end` is called when it is over, by whomever. */
export function eventStream(
  parts: AsyncGenerator<string>,
  end: () => void,
  onError: (error: unknown) => void,
): Response {
  const encoder = new TextEncoder()
  let isCancelled = false
  const next = async (): Promise<string | null> => {
    try {
      const { done, value } = await parts.next()
      return done ? null : value
    } catch (error) {
      onError(error)
      return null
    }
  }
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const part = await next()
        if (part === null) end()
        if (isCancelled) return
        if (part === null) controller.close()
        else controller.enqueue(encoder.encode(part))
      },
      cancel() {
        isCancelled = true
        end()
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { headers })
}
