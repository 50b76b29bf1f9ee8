/** An iteration whose first step is taken at once, before anybody asks for it. */
export function headStart<T>(values: AsyncIterable<T>): Required<Pick<AsyncIterableIterator<T>, 'next' | 'return'>> {
  const iterator = values[Symbol.asyncIterator]()
  let first: Promise<IteratorResult<T>> | null = iterator.next()
  first.catch(() => null)
  return {
    next() {
      const step = first ?? iterator.next()
      first = null
      return step
    },
    async return(value) {
      await iterator.return?.()
      return { done: true, value }
    },
  }
}
