import { openClient } from './client.ts'
import type { Handler } from './verb.ts'

/** The link stands alone on its line, so that a script can take it. */
export const signInLink: Handler = async ({ shell, output, options }) => {
  const client = await openClient(shell, options)
  const { path } = await client.send('POST', '/sign-in-links')
  const link = `${client.address}${path}`
  if (output.format === 'table') output.line(link)
  else await output.row({ link }, [['Link', 'link']])
  return 'done'
}
