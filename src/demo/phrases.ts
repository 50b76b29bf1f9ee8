import type { Language } from './people.ts'

type Some = readonly [string, ...string[]]

/** What made-up mail is about. */
export const subjects: Record<Language, Some> = {
  en: [
    'Minutes of Tuesday',
    'Lunch on Friday?',
    'Invoice for the harbour works',
    'Your ferry ticket',
    'Draft, second try',
  ],
  de: [
    'Protokoll vom Dienstag',
    'Grüße aus Köln',
    'Rechnung für die Überfahrt',
    'Schlüsselübergabe',
    'Entwurf, zweiter Versuch',
  ],
  fr: [
    'Compte rendu de mardi',
    'Déjeuner à l’été',
    'Facture de la traversée',
    'Où êtes-vous passés ?',
    'Réunion décalée',
  ],
  ja: ['会議の議事録', '来週の予定について', '請求書の件', '写真を送ります', 'お礼'],
}

/** What made-up mail says. */
export const sentences: Record<Language, Some> = {
  en: [
    'The crates came over on the morning boat and all of them are dry.',
    'Please look at the second page, where the figures for spring are.',
    'I will be at the quay until noon, then in the office.',
    'Nobody has seen the blue folder since the move.',
    'Let us meet a little earlier this time.',
  ],
  de: [
    'Die Kisten sind mit dem Frühschiff gekommen, alle trocken.',
    'Bitte schau dir die zweite Seite an, dort stehen die Zahlen für März.',
    'Ich bin bis mittags am Kai, danach im Büro.',
    'Den blauen Ordner hat seit dem Umzug niemand gesehen.',
    'Lass uns diesmal etwas früher anfangen.',
  ],
  fr: [
    'Les caisses sont arrivées par le bateau du matin, bien sèches.',
    'Regarde la deuxième page, les chiffres de l’été y sont.',
    'Je serai au quai jusqu’à midi, puis au bureau.',
    'Personne n’a revu le classeur bleu depuis le déménagement.',
    'Voyons-nous un peu plus tôt cette fois.',
  ],
  ja: [
    '荷物は朝の便で届きました。',
    '二ページ目の数字をご確認ください。',
    '正午までは港に、その後は事務所にいます。',
    '引っ越しの後、青いファイルを見た人はいません。',
    '今回は少し早めに集まりましょう。',
  ],
}

/** Folders with a special use, as a mail program in that language names them. */
export const specialFolders: Record<Language, Record<'sent' | 'drafts' | 'trash' | 'junk', string>> = {
  en: { sent: 'Sent', drafts: 'Drafts', trash: 'Trash', junk: 'Junk' },
  de: { sent: 'Gesendet', drafts: 'Entwürfe', trash: 'Papierkorb', junk: 'Unerwünscht' },
  fr: { sent: 'Envoyés', drafts: 'Brouillons', trash: 'Corbeille', junk: 'Indésirables' },
  ja: { sent: '送信済み', drafts: '下書き', trash: 'ごみ箱', junk: '迷惑メール' },
}

/** Folders that people make for themselves; some names are awkward on purpose. */
export const ownFolders: Record<Language, readonly (readonly string[])[]> = {
  en: [['Archive'], ['Archive', '2023', 'Q1'], ['R&D', 'Labs "blue"'], ['Clients, old (2019)'], ['🎉 Parties']],
  de: [['Archiv'], ['Archiv', '2023', 'März'], ['Projekte', 'Überfahrt'], ['Kunden & Partner'], ['100% fertig']],
  fr: [['Projets', 'Été'], ['Projets', 'Hiver', 'À faire'], ['Archives'], ['Devis [signés]'], ['L’équipe ⛵']],
  ja: [['アーカイブ'], ['アーカイブ', '2023年'], ['顧客', '請求書'], ['R&D'], ['メモ']],
}
