import { powershellModule } from '../cmdlets/module.ts'
import type { Handler } from './verb.ts'

/** The module's text, whatever form of answer was asked for: it is to be saved as a file. */
export const printModule: Handler = async ({ shell }) => {
  shell.stdout.write(powershellModule())
  return 'done'
}
