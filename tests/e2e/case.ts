import { type BatchView, type UserView, usersOf } from './api.ts'
import { csvFor, type Served } from './world.ts'

/** What one test among many on a server has of its own. */
export interface Case {
  /** Of its batch, which is not made yet. */
  readonly name: string
  readonly user: string
  readonly other: string
  /** The list of these users, as it should be. */
  listed(...users: readonly string[]): string
  /** Makes the batch, from source to target unless told otherwise. */
  create(csv: string, others?: object): Promise<BatchView>
  /** The first user of the batch. */
  theUser(): Promise<UserView>
}

let count = 0

export function newCase({ api, source, target }: Served): Case {
  count += 1
  const name = `case-${count}`
  return {
    name,
    user: `user${count}@example.org`,
    other: `other${count}@example.org`,
    listed: (...users) => csvFor(users, source, target),
    create: (csv, others = {}) =>
      api.post('/batches', { name, sourceEndpoint: 'source', targetEndpoint: 'target', csv, ...others }),
    theUser: async () => {
      const [found] = await usersOf(api, name)
      if (found === undefined) throw new Error(`The batch ${name} has no user`)
      return found
    },
  }
}
