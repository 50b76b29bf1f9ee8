import { join } from 'node:path'
import { findProgram } from '../../support/need.ts'
import { type Peer, password } from './peer.ts'

export const doveadmAbsence = (): string | null =>
  findProgram('doveadm') === null ? 'doveadm is not installed (Debian: dovecot-core)' : null

/** https://doc.dovecot.org: runs on the target's machine, with the target's settings, and writes into its storage. */
export const doveadmLocal: Peer = {
  about: 'doveadm backup -R, source by IMAP, straight into the storage of the target',
  absence: doveadmAbsence,
  prepare: async ({ stage, sourceUser, targetUser }) => {
    const settings = [
      ...['imapc_host=127.0.0.1', `imapc_port=${stage.sourcePort}`, `imapc_user=${sourceUser}`],
      ...[`imapc_password=${password}`, 'imapc_ssl=no', 'imapc_features=rfc822.size fetch-headers'],
      'mail_prefetch_count=20',
    ]
    const config = join(stage.target.folder, 'dovecot.conf')
    const options = settings.flatMap((setting) => ['-o', setting])
    return { cmd: ['doveadm', '-c', config, ...options, 'backup', '-R', '-u', targetUser, 'imapc:'] }
  },
}
