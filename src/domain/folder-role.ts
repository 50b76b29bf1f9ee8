import type { Folder, SpecialUse } from './mail.ts'

/** What clients of many languages call the folders that RFC 6154 gives a role; compared in lower case. */
const names: Partial<Record<SpecialUse, readonly string[]>> = {
  sent: [
    'sent',
    'sent items',
    'sent mail',
    'sent messages',
    'gesendet',
    'gesendete objekte',
    'gesendete elemente',
    'envoyés',
    'éléments envoyés',
    'messages envoyés',
    'enviados',
    'elementos enviados',
    'itens enviados',
    'posta inviata',
    'inviata',
    'verzonden',
    'verzonden items',
    'skickat',
    'отправленные',
    '送信済み',
    '送信済みアイテム',
    '已发送',
  ],
  drafts: [
    'drafts',
    'draft',
    'entwürfe',
    'brouillons',
    'borradores',
    'bozze',
    'rascunhos',
    'concepten',
    'черновики',
    '下書き',
    '草稿',
  ],
  trash: [
    'trash',
    'deleted items',
    'deleted messages',
    'deleted',
    'papierkorb',
    'gelöschte objekte',
    'gelöschte elemente',
    'corbeille',
    'éléments supprimés',
    'papelera',
    'elementos eliminados',
    'cestino',
    'posta eliminata',
    'lixeira',
    'prullenbak',
    'verwijderde items',
    'корзина',
    'ゴミ箱',
    '已删除',
  ],
  junk: [
    'junk',
    'spam',
    'junk e-mail',
    'junk email',
    'bulk mail',
    'junk-e-mail',
    'courrier indésirable',
    'indésirables',
    'correo no deseado',
    'posta indesiderata',
    'ongewenste e-mail',
    'спам',
    '迷惑メール',
    '垃圾邮件',
  ],
}

const roleByName: ReadonlyMap<string, SpecialUse> = new Map(
  Object.entries(names).flatMap(([role, list]) => list.map((name) => [name, role as SpecialUse] as const)),
)

/** Roles of which a mailbox has one folder at most, so that a source's can be paired with a target's. */
const pairedRoles: readonly SpecialUse[] = ['sent', 'drafts', 'trash', 'junk', 'archive']

/** Views show mail that stands elsewhere too (RFC 6154, section 2): they are copied last, and only what is nowhere else. */
export const isView = (folder: Folder): boolean =>
  folder.specialUse === 'all' || folder.specialUse === 'flagged' || folder.specialUse === 'important'

/**
 * The one folder of each role: by its attribute first, else by a name of the table at the top of the tree;
 * two candidates are none.
 */
export function foldersByRole(folders: readonly Folder[]): ReadonlyMap<SpecialUse, Folder> {
  const found = new Map<SpecialUse, Folder>()
  for (const role of pairedRoles) {
    const marked = folders.filter((folder) => folder.specialUse === role)
    const named = folders.filter((folder) => folder.specialUse === null && roleOfName(folder) === role)
    const [only, second] = marked.length > 0 ? marked : named
    if (only && !second) found.set(role, only)
  }
  return found
}

const roleOfName = (folder: Folder): SpecialUse | null =>
  folder.path.length === 1 ? (roleByName.get((folder.path[0] ?? '').normalize('NFC').toLowerCase()) ?? null) : null
