/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { ProbeReport, ProbeStep } from '../../src/domain/endpoint.ts'
import { duration } from '../format.ts'
import { Icon } from '../parts/icon.tsx'
import { Problems, type Refused } from '../parts/problems.tsx'

const words: Record<ProbeStep['step'], string> = {
  resolve: 'Address',
  policy: 'Address policy',
  connect: 'Connection',
  tls: 'Encryption',
  greeting: 'Greeting',
  capability: 'Capabilities',
  mechanisms: 'Sign-in methods',
  'sign-in': 'Sign-in',
  namespace: 'Namespace',
  folders: 'Folders',
  quota: 'Quota',
  'append-limit': 'Largest message',
  fetch: 'One message',
  pace: 'Pace',
}

/** The rungs of a test up to the first that broke; empty before a test. */
export const Ladder: FC<{ report: ProbeReport | null; refused?: Refused | null }> = ({ report, refused = null }) => (
  <div id="ladder" aria-live="polite">
    {refused && <Problems refused={refused} />}
    {report && (
      <>
        <ol class="ladder">
          {report.steps.map((step) => (
            <Rung step={step} />
          ))}
        </ol>
        <p class={`badge ${report.isOk ? 'good' : 'bad'}`}>
          <Icon name={report.isOk ? 'check' : 'cross'} />
          {report.isOk ? 'The server can be used' : 'The server cannot be used yet'}
        </p>
        {report.capabilities.length > 0 && (
          <details>
            <summary>What the server says it can</summary>
            <p class="words">{report.capabilities.join(' ')}</p>
          </details>
        )}
      </>
    )}
  </div>
)

const Rung: FC<{ step: ProbeStep }> = ({ step }) => (
  <li class={step.isOk ? 'good' : 'bad'}>
    <Icon name={step.isOk ? 'check' : 'cross'} />
    <strong>{words[step.step]}</strong>
    <span class="unseen">{step.isOk ? 'held' : 'broke'}</span>
    <span class="muted number">{duration(step.elapsedMs)}</span>
    <span class="words">{step.detail}</span>
    {step.notes?.map((note) => (
      <span class="muted words">{note}</span>
    ))}
    {step.remedy && <span class="remedy">{step.remedy}.</span>}
  </li>
)
