import {
  type BatchSettings,
  type CopyRules,
  type FolderRename,
  type SettingsChanges,
  withSettings,
} from '../domain/batch-settings.ts'
import { checkCount, checkLine } from '../domain/field.ts'
import { checkFolderPattern } from '../domain/folder-filter.ts'
import { incrementalEveryMsDefault } from '../domain/schedule.ts'
import { isTimeZone, readMoment } from '../domain/zoned-time.ts'

/** When a batch begins and ends, as an admin writes it: ISO 8601; without an offset in the zone of the batch. */
export interface GivenTimes {
  /** Null takes a time back, undefined leaves it. */
  readonly startAfter?: string | null | undefined
  readonly completeAfter?: string | null | undefined
}

export const checkInterval = (ms: number): string | null => checkCount(60_000, 366 * incrementalEveryMsDefault)(ms)

const address = /^[^\s@]+@[^\s@]+$/
/** A number of items, or no limit. */
export const checkLimit = (value: number | null | undefined): string | null =>
  value === null || value === undefined ? null : checkCount(0, 2 ** 31 - 1)(value)

/** What is wrong with settings, each at its field. */
export const settingsProblems = (settings: BatchSettings): Readonly<Record<string, string | null>> => ({
  timeZone: isTimeZone(settings.timeZone) ? null : `There is no time zone "${settings.timeZone}"`,
  badItemLimit: checkLimit(settings.badItemLimit),
  largeItemLimit: checkLimit(settings.largeItemLimit),
  notificationEmails: checkAddresses(settings.notificationEmails),
  reportEveryMs:
    settings.reportEveryMs === 0 ? null : checkCount(60_000, 366 * incrementalEveryMsDefault)(settings.reportEveryMs),
  ...rulesProblems(settings.rules),
})

function checkAddresses(addresses: readonly string[]): string | null {
  const bad = addresses.find((text) => !address.test(text) || checkLine(text) !== null)
  return bad === undefined ? null : `"${bad}" is not an e-mail address`
}

function rulesProblems(rules: CopyRules): Readonly<Record<string, string | null>> {
  const { receivedFrom, receivedBefore, itemBytesMax } = rules
  const isEmpty = receivedFrom !== null && receivedBefore !== null && receivedFrom >= receivedBefore
  return {
    'rules.includeFolders': firstProblem(rules.includeFolders),
    'rules.excludeFolders': firstProblem(rules.excludeFolders),
    'rules.targetRoot': pathProblem(rules.targetRoot),
    'rules.folderRenames': renamesProblem(rules.folderRenames),
    'rules.receivedBefore': isEmpty ? 'No mail can have been received in that time' : null,
    'rules.itemBytesMax': itemBytesMax === null ? null : checkCount(1, Number.MAX_SAFE_INTEGER)(itemBytesMax),
  }
}

const firstProblem = (patterns: readonly string[]): string | null =>
  patterns.map((pattern) => checkFolderPattern(pattern) ?? checkLine(pattern)).find((problem) => problem !== null) ??
  null

const pathProblem = (path: readonly string[]): string | null =>
  path.some((name) => name === '' || checkLine(name) !== null)
    ? 'A folder name is empty or has a line break in it'
    : null

function renamesProblem(renames: readonly FolderRename[]): string | null {
  if (renames.some(({ from, to }) => from.length === 0 || to.length === 0)) return 'A rule names no folder'
  return renames.map(({ from, to }) => pathProblem(from) ?? pathProblem(to)).find((problem) => problem !== null) ?? null
}

/** Settings with what was given. */
export const changedSettings = (settings: BatchSettings, changes: SettingsChanges | undefined): BatchSettings =>
  withSettings(settings, changes ?? {})

/** A given time in milliseconds UTC; null stays null. What is no time is told by `timeProblem`. */
export const momentOf = (text: string | null, timeZone: string): number | null =>
  text === null ? null : readMoment(text, timeZone)

export const timeProblem = (text: string | null | undefined, timeZone: string): string | null =>
  typeof text === 'string' && isTimeZone(timeZone) && readMoment(text, timeZone) === null
    ? `"${text}" is not a time such as 2027-01-31T20:00 or 2027-01-31T20:00+01:00`
    : null
