import { MemoryMailbox } from '../support/memory-mailbox.ts'
import { exercise } from './conformance.ts'
import { defaultDate, type Outside, type World } from './world.ts'

// The mailbox that the engine is tested with keeps the same contract as the real ones.
for (const hasCondstore of [true, false]) {
  exercise(`mailbox in memory, ${hasCondstore ? 'with' : 'without'} CONDSTORE`, async (): Promise<World> => {
    const [source, target] = [new MemoryMailbox({ hasCondstore }), new MemoryMailbox({ hasCondstore })]
    return {
      source: outside(source),
      target: outside(target),
      openSource: async () => source.open(),
      openTarget: async () => target.open(),
      [Symbol.asyncDispose]: async () => {},
    }
  })
}

const outside = (mailbox: MemoryMailbox): Outside => ({
  async deliver(path, ...mails) {
    for (const { body, flags = [], receivedAt = defaultDate } of mails) {
      mailbox.deliver(path.join('/'), body, flags, receivedAt)
    }
  },
  async addFlag(path, uid, flag) {
    const flags = mailbox.folder(path.join('/')).items.find((item) => item.uid === uid)?.flags ?? []
    mailbox.setFlags(path.join('/'), uid, [...flags, flag])
  },
  async expunge(path, uid) {
    mailbox.expunge(path.join('/'), uid)
  },
})
