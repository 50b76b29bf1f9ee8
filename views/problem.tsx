/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { Problem } from '../src/domain/refusal.ts'
import { Layout } from './layout.tsx'
import { Problems } from './parts/problems.tsx'

/** A request that came to nothing, as a page. */
export const ProblemPage: FC<{
  title: string
  detail: string
  problems: readonly Problem[]
  isSignedIn: boolean
}> = ({ title, detail, problems, isSignedIn }) => (
  <Layout title={title} place={isSignedIn ? 'batches' : null}>
    <div class="narrow">
      <h1>{title}</h1>
      <Problems refused={{ message: detail, problems }} />
      <p>
        <a href="/batches">To the batches</a>
      </p>
    </div>
  </Layout>
)
