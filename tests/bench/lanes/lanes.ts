import { halfLane } from './half.ts'
import { keptLane } from './kept.ts'
import type { Lane } from './lane.ts'
import { limitLane } from './limit.ts'
import { manyLane } from './many.ts'
import { oneFolderLane } from './one-folder.ts'

export type LaneName = 'half' | 'kept' | 'limit' | 'many' | 'oneFolder'

export const lanes: Readonly<Record<LaneName, Lane>> = {
  half: halfLane,
  kept: keptLane,
  limit: limitLane,
  many: manyLane,
  oneFolder: oneFolderLane,
}
