import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { isBalanced } from '../../src/domain/sync-state.ts'
import { defaultRules } from '../../src/engine/pass.ts'
import { MemoryMailbox } from '../support/memory-mailbox.ts'
import { MemorySyncStore, mail, runPass } from './harness.ts'

class Death extends Error {}

const folders = ['INBOX', 'Work', 'Work/Old', 'Sent'] as const

/** What happens to the mailboxes between two passes; numbers choose among what is there. */
type Event =
  | { readonly kind: 'deliver' | 'foreign'; readonly folder: number; readonly size: number }
  | { readonly kind: 'flag' | 'expunge' | 'flagAtTarget'; readonly item: number }
  | { readonly kind: 'move'; readonly item: number; readonly folder: number }
  | { readonly kind: 'rename' | 'renumber' | 'renumberTarget'; readonly folder: number }
  /** One pass, which dies at a step, or not at all. */
  | { readonly kind: 'pass'; readonly dieAt: number }

const small = fc.nat(40)
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const), folder: small, size: small }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('foreign' as const), folder: small, size: small }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('flag', 'expunge', 'flagAtTarget'), item: small }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('move' as const), item: small, folder: small }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('rename', 'renumber', 'renumberTarget'), folder: small }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), dieAt: fc.nat(120) }) },
)

const traits = fc.record({
  hasCondstore: fc.boolean(),
  hasVanished: fc.boolean(),
  canMove: fc.boolean(),
  tellsUids: fc.boolean(),
})

class Life {
  readonly source = new MemoryMailbox()
  readonly target: MemoryMailbox
  readonly store = new MemorySyncStore()
  #serial = 0

  constructor(given: Partial<MemoryMailbox['traits']>) {
    this.source.traits = { ...this.source.traits, ...given }
    this.target = new MemoryMailbox(given)
  }

  async live(happening: Event): Promise<void> {
    const { source, target } = this
    if (happening.kind === 'pass') return await this.passes(happening.dieAt)
    if (happening.kind === 'deliver')
      source.deliver(pick(folders, happening.folder), this.#mail('Mail', happening.size))
    if (happening.kind === 'foreign')
      target.deliver(pick(folders, happening.folder), this.#mail('Foreign', happening.size))
    if ('item' in happening) this.#touchItem(happening)
    if (happening.kind === 'rename') this.#rename(happening.folder)
    if (happening.kind === 'renumber') source.renumber(pick([...source.folders.keys()], happening.folder), 40)
    if (happening.kind === 'renumberTarget') target.renumber(pick([...target.folders.keys()], happening.folder), 40)
  }

  #mail(subject: string, size: number): string {
    this.#serial += 1
    return mail(`${subject} ${this.#serial}`, 'x'.repeat(size % 5))
  }

  #touchItem(happening: Extract<Event, { item: number }>): void {
    const mailbox = happening.kind === 'flagAtTarget' ? this.target : this.source
    const all = [...mailbox.folders.values()].flatMap(({ name, items }) => items.map(({ uid }) => ({ name, uid })))
    const chosen = all[happening.item % Math.max(all.length, 1)]
    if (!chosen) return
    if (happening.kind === 'move') mailbox.moveItem(chosen.name, chosen.uid, pick(folders, happening.folder))
    else if (happening.kind === 'expunge') mailbox.expunge(chosen.name, chosen.uid)
    else mailbox.setFlags(chosen.name, chosen.uid, happening.item % 2 ? ['\\Seen'] : ['\\Flagged', 'Work'])
  }

  #rename(chosen: number): void {
    const names = [...this.source.folders.keys()].filter((name) => name !== 'INBOX')
    if (names.length === 0) return
    this.#serial += 1
    this.source.rename(pick(names, chosen), `Renamed ${this.#serial}`)
  }

  /**
   * Dies, dies again in the recovery, then comes through. A source that moves mail before the recovery has looked can
   * leave a second copy: that is said in the README, under "Inherent problems".
   */
  async passes(dieAt: number): Promise<void> {
    await this.pass(dieAt)
    await this.pass(Math.ceil(dieAt / 2))
    await this.pass(0)
  }

  async pass(dieAt: number): Promise<void> {
    let left = dieAt
    const tick = () => {
      left -= 1
      // Other folders are under way meanwhile: the dead do nothing any more.
      if (dieAt > 0 && left <= 0) throw new Death('Died')
    }
    for (const part of [this.source, this.target, this.store]) part.tick = tick
    const openPair = async () => ({ source: this.source.open(), target: this.target.open() })
    const rules = { ...defaultRules, itemsPerPairMin: dieAt % 2 === 0 ? 3 : 500 }
    const report = await runPass(this.source, this.target, this.store, { openPair, rules }).catch((error: unknown) => {
      if (dieAt === 0 || left > 0) throw error
      return null
    })
    for (const part of [this.source, this.target, this.store]) part.tick = () => {}
    if (report) expect([report.fault, isBalanced(report.counts)]).toEqual([null, true])
  }

  /** How often each mail stands at the target, foreign mail aside. */
  copies(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const subject of subjects(this.target)) counts.set(subject, (counts.get(subject) ?? 0) + 1)
    return counts
  }
}

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T

const subjects = (mailbox: MemoryMailbox): string[] =>
  [...mailbox.folders.values()]
    .flatMap(({ items }) =>
      items.map(({ bytes }) => /Subject: (\S+ \d+)/.exec(Buffer.from(bytes).toString())?.[1] ?? ''),
    )
    .filter((subject) => !subject.startsWith('Foreign'))

const runs = Number(process.env.POSTFERRY_LONG ? 20_000 : 400)

test('whatever happens between and within passes, every mail of the source is at the target once', async () => {
  await fc.assert(
    fc.asyncProperty(traits, fc.array(event, { minLength: 4, maxLength: 40 }), async (given, events) => {
      const life = new Life(given)
      for (const happening of events) await life.live(happening)
      await life.pass(0)
      const copies = life.copies()
      const doubled = [...copies].filter(([, count]) => count > 1)
      const missing = subjects(life.source).filter((subject) => !copies.has(subject))
      const allowed = given.canMove ? doubled : []
      expect({ missing, doubled: allowed }).toEqual({ missing: [], doubled: [] })
      const idle = await runPass(life.source, life.target, life.store)
      expect([idle.copiedNow, idle.movedNow, idle.flagsChangedNow]).toEqual([0, 0, 0])
    }),
    { numRuns: runs },
  )
}, 600_000)
