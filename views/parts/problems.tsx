/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { Problem } from '../../src/domain/refusal.ts'
import { counted } from '../format.ts'
import { Icon } from './icon.tsx'

/** What a form was refused for. A page shows at most so many of its mistakes; the count tells how many there are. */
export interface Refused {
  readonly message: string
  readonly problems: readonly Problem[]
}

const shownMax = 100

/** The place on a form where its mistakes stand; empty while there are none, so that a refresh finds it. */
export const Problems: FC<{ refused: Refused | null }> = ({ refused }) => (
  <div id="problems" role="alert">
    {refused && (
      <div class="notice bad">
        <p>
          <Icon name="cross" /> <strong>{refused.message}</strong>
        </p>
        {refused.problems.length > 0 && <ProblemTable problems={refused.problems} />}
      </div>
    )}
  </div>
)

const ProblemTable: FC<{ problems: readonly Problem[] }> = ({ problems }) => (
  <>
    <div class="scroll">
      <table class="compact">
        <thead>
          <tr>
            <th scope="col" class="number">
              Line
            </th>
            <th scope="col">Column</th>
            <th scope="col">Problem</th>
          </tr>
        </thead>
        <tbody>
          {problems.slice(0, shownMax).map(({ line, column, message }) => (
            <tr>
              <td class="number">{line ?? '–'}</td>
              <td>{column ?? '–'}</td>
              <td>{message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    {problems.length > shownMax && <p>and {counted(problems.length - shownMax, 'more problem')}</p>}
  </>
)
