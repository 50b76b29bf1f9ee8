import { keyOf } from '../domain/fingerprint.ts'
import type { Uid } from '../domain/mail.ts'
import { both } from './both.ts'
import { type FolderWork, type Pass, unconfirmed } from './folder-work.ts'
import { contentHashes } from './identity.ts'

type Ends = Pick<Pass, 'pair' | 'targetEndpoint' | 'store'>

/** `host:port` of the source. */
const sourceEndpoint = ({ pair }: Ends): string => pair.source.split('/')[0] ?? pair.source

/**
 * Identity is weak when the target rewrites mail, or when a source lists lengths that are not those of its mail; null
 * as long as neither is known.
 */
export async function readRewrites(ends: Ends): Promise<boolean | null> {
  const { store, targetEndpoint } = ends
  const [target, source] = await both(store.traits(targetEndpoint), store.traits(sourceEndpoint(ends)))
  return source.rewrites === true ? true : target.rewrites
}

/** RFC822.SIZE was not the length of the literal: written down before the message is sent. */
export async function learnThatSizesDiffer(pass: Pass): Promise<void> {
  if (pass.learnt.rewrites === true) return
  pass.learnt.rewrites = true
  await pass.store.learn(sourceEndpoint(pass), { rewrites: true })
}

/** Once an endpoint: fetches one copy back. What comes back differs where the target rewrites mail. */
export async function learnWhetherTargetRewrites(pass: Pass, work: FolderWork, sourceUid: Uid): Promise<void> {
  const { targetUid = null, sha256 = null, sizeBytes } = work.ledger.get(sourceUid) ?? {}
  if (targetUid === null) throw unconfirmed(work.target, 1)
  const [hashes, listing] = await both(
    contentHashes({ reader: pass.target, folder: work.target }, [targetUid]),
    pass.target.list(work.target, targetUid),
  )
  const hash = hashes.get(targetUid)
  const listed = listing.get(targetUid)
  if (!hash || !listed) throw unconfirmed(work.target, 1)
  await learn(pass, sha256 === null || keyOf(hash) !== keyOf(sha256) || listed.sizeBytes !== sizeBytes)
}

/** What we sent was found again as it was. */
export async function learnThatTargetKeeps(pass: Pass): Promise<void> {
  if (pass.learnt.rewrites === null) await learn(pass, false)
}

async function learn(pass: Pass, rewrites: boolean): Promise<void> {
  await pass.store.learn(pass.targetEndpoint, { rewrites })
  pass.learnt.rewrites = pass.learnt.rewrites === true || rewrites
}
