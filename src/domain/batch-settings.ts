/** What moves and where it goes: the rules of a batch that a pass over a mailbox keeps, and that a dry run shows. */
export interface CopyRules {
  /** Folders that move, in the syntax of `domain/folder-filter.ts`; empty: all that are not excluded. */
  readonly includeFolders: readonly string[]
  /** Folders that stay; they win over the included ones. */
  readonly excludeFolders: readonly string[]
  /** Mail that was received at this moment or later, milliseconds UTC; null: however old. */
  readonly receivedFrom: number | null
  /** Mail that was received before this moment, milliseconds UTC; null: however new. */
  readonly receivedBefore: number | null
  /** Larger messages stay; null: no limit but the target's own. */
  readonly itemBytesMax: number | null
  /** Folder of the target below which all folders go; empty: none. */
  readonly targetRoot: readonly string[]
  /** Source folders that get another place, the ones below them too; the longest `from` wins. */
  readonly folderRenames: readonly FolderRename[]
  /** Sent, Drafts, Trash, Junk and Archive go where the target keeps them, whatever they are called there. */
  readonly mapsSpecialUse: boolean
  /** False: mail marked \Deleted at the source stays there. */
  readonly copiesDeleted: boolean
  /** Second and further messages of one folder that are the same to the byte. */
  readonly duplicates: 'copy' | 'leave'
  /** What leaves the source is removed at the target too, within the rules of a mirror. */
  readonly isMirror: boolean
}

export interface FolderRename {
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/** What an admin sets for a batch, beside its times and its endpoints. */
export interface BatchSettings {
  /** IANA name of the zone in which the admin's times are told, such as `Europe/Berlin`. */
  readonly timeZone: string
  /** Each user is completed as soon as the initial sync of all of it is done. */
  readonly autoComplete: boolean
  /** False: the batch stops after its initial sync. */
  readonly allowsIncrementalSyncs: boolean
  readonly rules: CopyRules
  /** A user with more unreadable or refused messages fails; null: no limit, the data consistency score decides. */
  readonly badItemLimit: number | null
  /** The same for messages that are too large for the target. */
  readonly largeItemLimit: number | null
  /** Who is sent reports. */
  readonly notificationEmails: readonly string[]
  /** Gap between two mailed reports, milliseconds; 0: only the one at the end. */
  readonly reportEveryMs: number
  readonly skipsReports: boolean
  /** Messages that the target does not take are kept as files beside the report. */
  readonly savesSkippedItems: boolean
}

export const defaultCopyRules: CopyRules = {
  includeFolders: [],
  excludeFolders: [],
  receivedFrom: null,
  receivedBefore: null,
  itemBytesMax: null,
  targetRoot: [],
  folderRenames: [],
  mapsSpecialUse: true,
  copiesDeleted: true,
  duplicates: 'copy',
  isMirror: false,
}

export const defaultSettings: BatchSettings = {
  timeZone: 'UTC',
  autoComplete: false,
  allowsIncrementalSyncs: true,
  rules: defaultCopyRules,
  badItemLimit: null,
  largeItemLimit: null,
  notificationEmails: [],
  reportEveryMs: 24 * 60 * 60 * 1000,
  skipsReports: false,
  savesSkippedItems: false,
}

/** What is given of the settings; the rest stays as it is. */
export type SettingsChanges = Partial<Omit<BatchSettings, 'rules'>> & {
  readonly rules?: Partial<CopyRules> | undefined
}

export const withSettings = (settings: BatchSettings, { rules, ...changes }: SettingsChanges): BatchSettings => ({
  ...settings,
  ...changes,
  rules: { ...settings.rules, ...rules },
})
