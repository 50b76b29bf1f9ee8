import { describe, expect, test } from 'bun:test'
import { gather, type Settled } from '../../db/gather.ts'
import { errorOf } from '../support/error-of.ts'

/** A sender whose groups are answered by hand. */
function manual() {
  const groups: { readonly items: readonly number[]; readonly answer: (outcomes: Settled<string>[]) => void }[] = []
  const send = (items: readonly number[]) =>
    new Promise<readonly Settled<string>[]>((resolve) => groups.push({ items, answer: resolve }))
  return { groups, send }
}

const told = (items: readonly number[]): Settled<string>[] => items.map((item) => ({ value: `done ${item}` }))
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

describe('gathered writes', () => {
  test('of one turn go together, at once', async () => {
    const { groups, send } = manual()
    const write = gather(send)
    const all = Promise.all([write(1), write(2), write(3)])
    await turn()
    expect(groups.map(({ items }) => items)).toEqual([[1, 2, 3]])
    groups[0]?.answer(told([1, 2, 3]))
    expect(await all).toEqual(['done 1', 'done 2', 'done 3'])
  })

  test('that arrive while a group is under way are the next group', async () => {
    const { groups, send } = manual()
    const write = gather(send)
    const first = write(1)
    await turn()
    const others = [write(2), write(3)]
    await turn()
    const last = write(4)
    expect(groups).toHaveLength(1)
    groups[0]?.answer(told([1]))
    expect(await first).toBe('done 1')
    await turn()
    expect(groups[1]?.items).toEqual([2, 3, 4])
    groups[1]?.answer(told([2, 3, 4]))
    expect(await Promise.all([...others, last])).toEqual(['done 2', 'done 3', 'done 4'])
  })

  test('never make a group larger than allowed', async () => {
    const { groups, send } = manual()
    const write = gather(send, 2)
    const all = Promise.all([1, 2, 3].map(write))
    await turn()
    groups[0]?.answer(told([1, 2]))
    await turn()
    groups[1]?.answer(told([3]))
    expect(await all).toHaveLength(3)
    expect(groups.map(({ items }) => items)).toEqual([[1, 2], [3]])
  })

  test('fail one by one, or all when the sending fails; then go on', async () => {
    const mistake = new Error('mistake')
    const answers: (() => readonly Settled<string>[])[] = [
      () => [{ value: 'good' }, { error: mistake }],
      () => {
        throw mistake
      },
      () => [],
      () => [{ value: 'good' }],
    ]
    const write = gather(async () => answers.shift()?.() ?? [])
    const [good, bad] = [write(1), write(2)]
    expect(await errorOf(bad)).toBe(mistake)
    expect(await good).toBe('good')
    expect(await errorOf(write(3))).toBe(mistake)
    expect(await errorOf(write(4))).toMatchObject({ message: 'Cannot tell what became of a write' })
    expect(await write(5)).toBe('good')
  })
})
