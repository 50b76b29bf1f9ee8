/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { Batch } from '../../src/domain/batch.ts'
import { allowedActions, type BatchAction } from '../../src/domain/status.ts'
import { Action } from '../parts/action.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'

interface Button {
  readonly path: string
  readonly icon: IconName
  readonly words: string
}

/** What is asked for by a button; removing has a page of its own, and approving is asked for where the reasons stand. */
const buttons: Record<Exclude<BatchAction, 'remove' | 'approve'>, Button> = {
  start: { path: 'sync', icon: 'play', words: 'Start' },
  syncNow: { path: 'sync', icon: 'sync', words: 'Sync now' },
  retry: { path: 'retry', icon: 'sync', words: 'Retry failed' },
  complete: { path: 'completion', icon: 'flag', words: 'Complete' },
  stop: { path: 'stop', icon: 'stop', words: 'Stop' },
}

const order = Object.keys(buttons) as readonly (keyof typeof buttons)[]

/** One button for each thing that the batch accepts now; the first is the one most likely meant. */
export const BatchActions: FC<{ batch: Batch }> = ({ batch }) => {
  const allowed = allowedActions(batch.status)
  const shown = order.filter((action) => allowed.includes(action) && isUseful(action, batch))
  return (
    <div class="actions">
      {shown.map((action, index) => (
        <Action
          to={`/batches/${batch.id}/${buttons[action].path}`}
          icon={buttons[action].icon}
          words={wordsOf(action, batch)}
          isPrimary={index === 0 && action !== 'stop'}
        />
      ))}
      {allowed.includes('remove') && (
        <a class="button" href={`/batches/${batch.id}/removal`}>
          <Icon name="trash" /> Remove…
        </a>
      )}
    </div>
  )
}

const isUseful = (action: BatchAction, { counts }: Batch): boolean => action !== 'retry' || counts.failed > 0

const wordsOf = (action: keyof typeof buttons, { status }: Batch): string =>
  action === 'start' && status === 'stopped' ? 'Resume' : buttons[action].words
