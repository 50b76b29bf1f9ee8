import { seedMailbox } from '../seeding.ts'
import { emptyTarget } from '../stage.ts'
import { copy } from './copy.ts'
import type { Lane } from './lane.ts'

/** Ours copies into a mailbox where another program has already put every second message. */
export const halfLane: Lane = async (lap) => {
  const { stage, round } = lap
  const targetUser = `half-${round}`
  await seedMailbox(stage.target, targetUser, stage.profile.mail, (place) => place % 2 === 1)
  const what = { name: 'ours half-filled', mailbox: stage.mailbox, targetUser, ignoresOrder: true }
  const measured = await copy(lap, 'ours', what)
  await emptyTarget(stage, targetUser)
  return measured
}
