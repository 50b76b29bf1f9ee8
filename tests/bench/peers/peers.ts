import { doveadmImap } from './doveadm-imap.ts'
import { doveadmLocal } from './doveadm-local.ts'
import { imapsync } from './imapsync.ts'
import { mbsync } from './mbsync.ts'
import { offlineimap } from './offlineimap.ts'
import { ours } from './ours.ts'
import type { Peer } from './peer.ts'

export type PeerName = 'mbsync' | 'doveadm-imap' | 'doveadm-local' | 'offlineimap' | 'imapsync'
export type ToolName = 'ours' | PeerName

export const tools: Readonly<Record<ToolName, Peer>> = {
  ours,
  mbsync,
  'doveadm-imap': doveadmImap,
  'doveadm-local': doveadmLocal,
  offlineimap,
  imapsync,
}

export const isPeerName = (name: string): name is PeerName => name !== 'ours' && Object.hasOwn(tools, name)
