import type { Quota } from '../../domain/mail.ts'
import type { Session } from './session.ts'

/** The quota that leaves the inbox the least room, or null where none is told. RFC 9208, section 4.1: in units of 1024. */
export async function askQuota(session: Session): Promise<Quota | null> {
  if (!session.has('QUOTA')) return null
  const quotas: Quota[] = []
  await session.ask(['GETQUOTAROOT "INBOX"'], 'other', 'Cannot ask for the quota', {
    onUntagged({ keyword, cursor }) {
      if (keyword !== 'QUOTA') return keyword === 'QUOTAROOT'
      cursor.string()
      cursor.space()
      const words = cursor.parenthesised().toUpperCase().split(' ')
      const at = words.indexOf('STORAGE')
      if (at >= 0) quotas.push({ usedBytes: Number(words[at + 1]) * 1024, limitBytes: Number(words[at + 2]) * 1024 })
      return true
    },
  })
  const room = ({ limitBytes, usedBytes }: Quota): number => limitBytes - usedBytes
  return quotas.sort((a, b) => room(a) - room(b))[0] ?? null
}
