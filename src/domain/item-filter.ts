import { type CopyRules, defaultCopyRules } from './batch-settings.ts'
import type { ItemMeta } from './mail.ts'
import { instantOf } from './received-at.ts'

/** Which messages a rule leaves out. */
export interface ItemFilter {
  excludes(item: ItemMeta): boolean
  /** Changes with the rules, so that a folder is looked through anew when they have; empty where everything moves. */
  readonly print: string
  /** False: nothing is ever left out. */
  readonly isActive: boolean
}

type ItemRules = Pick<CopyRules, 'receivedFrom' | 'receivedBefore' | 'itemBytesMax' | 'copiesDeleted' | 'duplicates'>

/** A message whose date cannot be read moves: it is not known to be outside of what was asked for. */
export function itemFilter(rules: ItemRules): ItemFilter {
  const { receivedFrom, receivedBefore, itemBytesMax, copiesDeleted } = rules
  const hasDates = receivedFrom !== null || receivedBefore !== null
  const isOutside = (item: ItemMeta): boolean => {
    const at = hasDates ? instantOf(item.receivedAt) : null
    return (
      at !== null && ((receivedFrom !== null && at < receivedFrom) || (receivedBefore !== null && at >= receivedBefore))
    )
  }
  return {
    excludes: (item) =>
      (itemBytesMax !== null && item.sizeBytes > itemBytesMax) ||
      isOutside(item) ||
      (!copiesDeleted && isDeleted(item)),
    print: printOf(rules),
    isActive: hasDates || itemBytesMax !== null || !copiesDeleted,
  }
}

const isDeleted = ({ flags }: ItemMeta): boolean => flags.some((flag) => flag.toLowerCase() === '\\deleted')

function printOf(rules: ItemRules): string {
  const { receivedFrom, receivedBefore, itemBytesMax, copiesDeleted, duplicates } = rules
  const parts = [receivedFrom, receivedBefore, itemBytesMax, copiesDeleted, duplicates]
  const { receivedFrom: from, receivedBefore: before, itemBytesMax: size } = defaultCopyRules
  const defaults = [from, before, size, defaultCopyRules.copiesDeleted, defaultCopyRules.duplicates]
  return JSON.stringify(parts) === JSON.stringify(defaults) ? '' : JSON.stringify(parts)
}
