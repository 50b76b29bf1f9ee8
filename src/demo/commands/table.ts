import type { CommandTable } from '../command.ts'
import { appendCommands } from './append.ts'
import { basicCommands } from './basic.ts'
import { copyCommands } from './copy.ts'
import { expungeCommands } from './expunge.ts'
import { fetchCommands } from './fetch.ts'
import { flagCommands } from './flags.ts'
import { folderCommands } from './folders.ts'
import { idleCommands } from './idle.ts'
import { listCommands } from './list.ts'
import { quotaCommands } from './quota.ts'
import { searchCommands } from './search.ts'
import { selectCommands } from './select.ts'
import { signInCommands } from './sign-in.ts'
import { statusCommands } from './status.ts'

/** Every command that the server knows; `UID` forms stand for themselves. */
export const commands: CommandTable = {
  ...basicCommands,
  ...signInCommands,
  ...folderCommands,
  ...listCommands,
  ...statusCommands,
  ...quotaCommands,
  ...selectCommands,
  ...appendCommands,
  ...fetchCommands,
  ...flagCommands,
  ...expungeCommands,
  ...copyCommands,
  ...searchCommands,
  ...idleCommands,
}
