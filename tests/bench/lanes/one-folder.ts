import { oneFolder } from '../profiles.ts'
import { emptyTarget, fillMailbox, type Mailbox, type Stage } from '../stage.ts'
import { copy } from './copy.ts'
import type { Lane } from './lane.ts'

const mailboxes = new WeakMap<Stage, Promise<Mailbox>>()

/** Ours copies one folder of ordinary length. */
export const oneFolderLane: Lane = async (lap) => {
  const { stage, round } = lap
  const filled = mailboxes.get(stage) ?? fillMailbox(stage.source, 'one-folder', oneFolder)
  mailboxes.set(stage, filled)
  const targetUser = `one-folder-${round}`
  const measured = await copy(lap, 'ours', { name: 'ours 20,000', mailbox: await filled, targetUser })
  await emptyTarget(stage, targetUser)
  return measured
}
