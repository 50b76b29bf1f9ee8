/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { FolderCounts } from '../../src/domain/sync-state.ts'
import { count, folderPath } from '../format.ts'
import { Icon } from '../parts/icon.tsx'

/** One folder as the last pass left it. */
export interface FolderRow {
  readonly sourcePath: readonly string[]
  readonly targetPath: readonly string[]
  readonly counts: FolderCounts
  /** A pass is under way in it, or was cut. */
  readonly isDirty: boolean
}

const columns: readonly (readonly [name: keyof FolderCounts, words: string])[] = [
  ['source', 'At the source'],
  ['copied', 'Copied'],
  ['adopted', 'Already there'],
  ['excluded', 'Left out'],
  ['removed', 'Removed at the target'],
  ['skipped', 'Skipped'],
  ['failed', 'Failed'],
  ['gone', 'Gone'],
]

export const FolderTable: FC<{ folders: readonly FolderRow[] }> = ({ folders }) => (
  <section aria-labelledby="folders">
    <h2 id="folders">Folders</h2>
    {folders.length === 0 ? (
      <p class="muted">Known when the first pass has begun.</p>
    ) : (
      <div class="scroll">
        <table class="compact">
          <thead>
            <tr>
              <th scope="col">Folder</th>
              {columns.map(([, words]) => (
                <th scope="col" class="number">
                  {words}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {folders.map((folder) => (
              <Row folder={folder} />
            ))}
          </tbody>
        </table>
      </div>
    )}
  </section>
)

const Row: FC<{ folder: FolderRow }> = ({ folder }) => {
  const source = folderPath(folder.sourcePath)
  const target = folderPath(folder.targetPath)
  return (
    <tr>
      <th scope="row">
        {source}
        {target !== source && <small class="muted">at the target: {target}</small>}
        {folder.isDirty && (
          <small class="busy">
            <Icon name="sync" /> under way
          </small>
        )}
      </th>
      {columns.map(([name]) => (
        <td class={folder.counts[name] === 0 ? 'number zero' : `number ${toneOf[name] ?? ''}`}>
          {count(folder.counts[name])}
        </td>
      ))}
    </tr>
  )
}

const toneOf: Partial<Record<keyof FolderCounts, string>> = { skipped: 'warn', failed: 'bad' }
