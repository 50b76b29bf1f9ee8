import { Fault } from '../../src/domain/fault.ts'
import type * as S from '../../src/domain/sync-state.ts'
import { noCounts } from '../../src/domain/sync-state.ts'

type State = { -readonly [K in keyof S.FolderState]: S.FolderState[K] } & { pair: string; records: Map<number, S.KnownRecord> }

export class MemorySyncStore implements S.SyncStore {
  tick: (step: string) => void | Promise<void> = () => {}
  #states: State[] = []
  #issues: { pair: string; folderId: number; issue: S.ItemIssue }[] = []
  #traits = new Map<string, S.EndpointTraits>()
  currentToken = 1
  async #write(fence: S.Fence, name: string, effect: () => void): Promise<void> {
    await this.tick(`store.${name}`)
    if (fence.token !== this.currentToken) throw new Fault('lease.lost', 'stale')
    effect()
    await this.tick(`store.${name} done`)
  }
  #state(id: number): State {
    const s = this.#states.find((x) => x.id === id)
    if (!s) throw new Error('no state')
    return s
  }
  async folders(pair: S.PairKey) {
    return this.#states.filter((s) => s.pair === JSON.stringify(pair)).map(({ records, pair: _, ...s }) => ({ ...s }))
  }
  async ledger(id: number) {
    return [...this.#state(id).records.values()].sort((a, b) => a.sourceUid - b.sourceUid)
  }
  async vanished(pair: S.PairKey) {
    return this.#states
      .filter((s) => s.pair === JSON.stringify(pair))
      .flatMap((s) => [...s.records.values()].filter((r) => r.isVanished && r.fingerprint).map((r) => ({ ...r, folderId: s.id })))
  }
  async intend(fence: S.Fence, pair: S.PairKey, intents: readonly S.FolderIntent[]) {
    const out: S.FolderState[] = []
    await this.#write(fence, 'intend', () => {
      for (const i of intents) {
        let s = i.id === null ? undefined : this.#state(i.id)
        if (!s) {
          s = { id: this.#states.length + 1, pair: JSON.stringify(pair), source: i.source, target: i.target, cursor: null, dirtySince: null, targetSeen: null, suspect: null, counts: noCounts, passes: 0, records: new Map() }
          this.#states.push(s)
        }
        s.source = i.source
        s.target = i.target
        if (s.dirtySince?.uidValidity !== i.dirtySince.uidValidity) s.dirtySince = i.dirtySince
        const { records, pair: _, ...state } = s
        out.push({ ...state })
      }
    })
    return out
  }
  async settle(fence: S.Fence, pages: readonly S.LedgerPage[]) {
    await this.#write(fence, 'settle', () => {
      for (const p of pages) {
        const s = this.#state(p.folderId)
        for (const r of p.records) {
          s.records.set(r.sourceUid, { isConfirmed: false, ...r })
          this.#issues = this.#issues.filter((x) => x.folderId !== p.folderId || x.issue.sourceUid !== r.sourceUid)
        }
        for (const issue of p.issues) this.#issues.push({ pair: s.pair, folderId: p.folderId, issue })
      }
    })
  }
  async advance(fence: S.Fence, id: number, a: S.Advance) {
    await this.#write(fence, 'advance', () => {
      const s = this.#state(id)
      Object.assign(s, a, { dirtySince: null, suspect: null, passes: s.passes + 1 })
      for (const [k, r] of s.records) s.records.set(k, { ...r, isConfirmed: true })
    })
  }
  async rekey(fence: S.Fence, id: number, source: S.FolderIdentity, target: S.FolderIdentity, records: readonly S.KnownRecord[]) {
    await this.#write(fence, 'rekey', () => {
      const s = this.#state(id)
      if (source.uidValidity !== s.source.uidValidity) s.cursor = null
      s.source = source
      s.target = target
      s.dirtySince = { uidValidity: target.uidValidity, uidNext: 1 }
      s.records = new Map(records.map((r) => [r.sourceUid, r]))
    })
  }
  async forget(fence: S.Fence, id: number) {
    await this.#write(fence, 'forget', () => {
      const s = this.#state(id)
      Object.assign(s, { cursor: null, dirtySince: null, suspect: null, targetSeen: null, records: new Map() })
    })
  }
  async suspect(fence: S.Fence, id: number, suspect: S.Suspect | null) {
    await this.#write(fence, 'suspect', () => {
      this.#state(id).suspect = suspect
    })
  }
  async issues(pair: S.PairKey) {
    return this.#issues.filter((x) => x.pair === JSON.stringify(pair)).map((x) => x.issue)
  }
  async traits(endpoint: string) {
    return this.#traits.get(endpoint) ?? { tellsUids: null, rewrites: null }
  }
  async learn(endpoint: string, t: Partial<S.EndpointTraits>) {
    await this.tick('store.learn')
    this.#traits.set(endpoint, { ...(await this.traits(endpoint)), ...t })
  }
}
