/** One folder of a verification: both sides as they are now. Lists of examples hold at most 20 each. */
export interface FolderDifference {
  readonly sourcePath: readonly string[]
  readonly targetPath: readonly string[]
  readonly sourceItems: number
  readonly targetItems: number
  /** Items of the source with no copy, although nothing explains it. */
  readonly missing: readonly ItemDifference[]
  readonly missingItems: number
  /** Copies that stand more often than at the source and were made by us. */
  readonly doubledItems: number
  /** Copies whose bytes, date, or carried flags differ. */
  readonly different: readonly ItemDifference[]
  readonly differentItems: number
}

export interface ItemDifference {
  readonly sourceUid: number
  readonly targetUid: number | null
  readonly what: 'missing' | 'content' | 'date' | 'flags'
  readonly detail: string
}

export interface VerifyReport {
  readonly folders: readonly FolderDifference[]
  readonly itemsChecked: number
  readonly differences: number
  readonly readsData: boolean
}
