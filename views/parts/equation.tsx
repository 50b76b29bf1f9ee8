/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { FolderCounts } from '../../src/domain/sync-state.ts'
import { count } from '../format.ts'
import { Icon } from './icon.tsx'

/** Where an item of the source can be, and whether that asks for a look. */
const categories: readonly (readonly [name: Exclude<keyof FolderCounts, 'source'>, words: string, tone: string])[] = [
  ['copied', 'copied', 'good'],
  ['adopted', 'already there', 'good'],
  ['excluded', 'left out by a rule', ''],
  ['removed', 'removed at the target', ''],
  ['skipped', 'skipped', 'warn'],
  ['failed', 'failed', 'bad'],
  ['gone', 'gone before it was read', ''],
]

/** Every item of the source stands in exactly one place, or the sum does not come out and the page says so. */
export const Equation: FC<{ counts: FolderCounts; isBalanced: boolean }> = ({ counts, isBalanced }) => (
  <div class="equation">
    <p>
      <span>
        <strong>{count(counts.source)}</strong> at the source
      </span>
      {categories.map(([name, words, tone], index) => (
        <span class={counts[name] > 0 ? tone : 'zero'}>
          <span class="operator">{index === 0 ? '=' : '+'}</span>
          <strong>{count(counts[name])}</strong> {words}
        </span>
      ))}
    </p>
    {isBalanced ? (
      <p class="badge good">
        <Icon name="check" /> Balanced: every item is accounted for
      </p>
    ) : (
      <p class="badge warn">
        <Icon name="alert" /> Not balanced yet
      </p>
    )}
  </div>
)
