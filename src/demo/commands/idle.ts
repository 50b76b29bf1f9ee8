import { type CommandTable, signedIn } from '../command.ts'
import { bad } from '../refusal.ts'
import type { Session } from '../session.ts'

export const idleCommands: CommandTable = {
  IDLE: {
    states: signedIn,
    extension: 'IDLE',
    parse(cursor, session) {
      cursor.end()
      return () => idle(session)
    },
  },
}

/** RFC 2177: news are told as they come, until the client says DONE. */
async function idle(session: Session): Promise<string> {
  const { selected, input, output } = session
  session.text('+ idling\r\n')
  const tell = () => {
    session.tellNews(true)
    output.flush()
  }
  tell()
  if (selected) selected.onNews = tell
  const line = await input.line()
  if (selected) selected.onNews = () => {}
  if (line?.text.toUpperCase() !== 'DONE') throw bad('Expected DONE')
  return 'Idle completed'
}
