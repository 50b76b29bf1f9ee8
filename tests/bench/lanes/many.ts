import { join } from 'node:path'
import { inParallel } from '../../support/mail-server.ts'
import { checkCopy } from '../check.ts'
import { measure } from '../measure.ts'
import { migrate } from '../peers/ours.ts'
import { oneOfMany } from '../profiles.ts'
import { emptyTarget, fillMailbox, type Mailbox, type Stage } from '../stage.ts'
import { toolFolder } from './copy.ts'
import type { Lane, Lap, Measured } from './lane.ts'

const mailboxesCount = 50
const atOnce = 4
const filled = new WeakMap<Stage, Promise<readonly Mailbox[]>>()

/** Ours copies many mailboxes in one batch. What signing in takes is shown by as many mailboxes with nothing in them. */
export const manyLane: Lane = async (lap) => {
  const { stage } = lap
  const full = filled.get(stage) ?? fillMany(stage)
  filled.set(stage, full)
  const nothing = { folders: new Map([['INBOX', []]]), subscribed: new Set<string>() }
  const empty = names('empty').map((user) => ({ user, messages: 0, content: nothing }))
  return [await copyAll(lap, 'ours 50 empty mailboxes', empty), await copyAll(lap, 'ours 50 mailboxes', await full)]
}

const names = (word: string): readonly string[] =>
  Array.from({ length: mailboxesCount }, (_, at) => `${word}-${at + 1}`)

const fillMany = ({ source }: Stage): Promise<readonly Mailbox[]> =>
  inParallel(names('many'), atOnce, (user) => fillMailbox(source, user, oneOfMany))

async function copyAll(lap: Lap, row: string, mailboxes: readonly Mailbox[]): Promise<Measured> {
  const { stage, round } = lap
  const users = mailboxes.map(({ user }) => ({ sourceUser: user, targetUser: `${user}-${round}` }))
  const folder = await toolFolder(lap, row.replaceAll(' ', '-').concat(`-${round}`))
  const usage = await measure(await migrate(stage, users, folder), join(folder, 'log'), lap.passMsMax)
  const differences = await inParallel(mailboxes, atOnce, async ({ user, content }) => {
    const finding = await checkCopy(content, stage.target, `${user}-${round}`)
    await emptyTarget(stage, `${user}-${round}`)
    return finding.differences
  })
  const messages = mailboxes.reduce((sum, mailbox) => sum + mailbox.messages, 0)
  return { row, messages, differences: differences.filter(Boolean).join('; '), ...usage }
}
