import project from '../../package.json' with { type: 'json' }
import type { Handler } from './verb.ts'

export const version: Handler = async ({ output }) => {
  await output.row({ version: project.version }, [['postferry', 'version']])
  return 'done'
}
