import { keyOf } from '../domain/fingerprint.ts'
import type { FolderWork, Pass } from './folder-work.ts'
import { contentHashes } from './identity.ts'

/** `host:port` of the source. */
const sourceEndpoint = (pass: Pass): string => pass.pair.source.split('/')[0] ?? pass.pair.source

/** Identity is weak when the target rewrites mail, or when a source lists lengths that are not those of its mail. */
export async function readTraits(pass: Pass): Promise<void> {
  const target = await pass.store.traits(pass.targetEndpoint)
  const source = await pass.store.traits(sourceEndpoint(pass))
  pass.rewrites = source.rewrites === true ? true : target.rewrites
}

/** RFC822.SIZE was not the length of the literal: written down before the message is sent. */
export async function learnThatSizesDiffer(pass: Pass): Promise<void> {
  if (pass.rewrites === true) return
  pass.rewrites = true
  await pass.store.learn(sourceEndpoint(pass), { rewrites: true })
}

/** Once an endpoint: fetches one copy back. What comes back differs where the target rewrites mail. */
export async function learnWhetherTargetRewrites(pass: Pass, work: FolderWork): Promise<void> {
  if (pass.rewrites !== null) return
  const sample = work.ledger.present().find((record) => record.targetUid !== null && record.sha256 !== null)
  if (!sample?.sha256 || sample.targetUid === null) return
  const hashes = await contentHashes({ reader: pass.target, folder: work.target }, [sample.targetUid])
  const [listed] = (await pass.target.list(work.target, sample.targetUid)).filter(({ uid }) => uid === sample.targetUid)
  const hash = hashes.get(sample.targetUid)
  if (!hash || !listed) return
  const rewrites = keyOf(hash) !== keyOf(sample.sha256) || listed.sizeBytes !== sample.sizeBytes
  pass.rewrites = rewrites
  await pass.store.learn(pass.targetEndpoint, { rewrites })
}
