import process from 'node:process'
import { run } from './cli/run.ts'
import { processShell } from './cli/shell.ts'

const shell = processShell()
const code = await run(process.argv.slice(2), shell)
await shell.flushed()
// Timers that nobody waits for any more do not hold the end back.
process.exit(code)
