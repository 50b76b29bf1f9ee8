/** One made-up person, as a row of the user list that a batch is started with. */
export interface DemoUser {
  readonly displayName: string
  readonly emailAddress: string
  readonly userName: string
  readonly password: string
  readonly language: Language
}

export type Language = 'en' | 'de' | 'fr' | 'ja'

const people: readonly (readonly [first: string, last: string, language: Language])[] = [
  ['Ada', 'Winterfeld', 'de'],
  ['Bruno', 'Castellan', 'fr'],
  ['Chidi', 'Okonjo', 'en'],
  ['Dorothea', 'Lindqvist', 'en'],
  ['Emil', 'Brandström', 'de'],
  ['Fumiko', 'Haruna', 'ja'],
  ['Gaëlle', 'Morvan', 'fr'],
  ['Hamza', 'Belkadi', 'fr'],
  ['Ines', 'Quadros', 'en'],
  ['Jonas', 'Überall', 'de'],
  ['Kaito', 'Minazuki', 'ja'],
  ['Leonie', 'Grünberg', 'de'],
  ['Maeve', 'Carrowmore', 'en'],
  ['Noor', 'Farahani', 'en'],
  ['Odile', 'Sansonnet', 'fr'],
  ['Piet', 'Waterland', 'en'],
  ['Quirin', 'Öttl', 'de'],
  ['Rosa', 'Del Campo', 'en'],
  ['Sakura', 'Tsukino', 'ja'],
  ['Théo', 'Prévert-Lac', 'fr'],
]

/** The first `count` people; beyond the twentieth the same names come again with a number. */
export function demoUsers(count: number): readonly DemoUser[] {
  return Array.from({ length: count }, (_, index) => {
    const [first, last, language] = people[index % people.length] ?? ['Ada', 'Winterfeld', 'en']
    const round = Math.floor(index / people.length)
    const userName = `${ascii(first)}.${ascii(last)}${round === 0 ? '' : round + 1}`
    const emailAddress = `${userName}@example.org`
    return { displayName: `${first} ${last}`, emailAddress, userName, password: `demo-${userName}`, language }
  })
}

/** Lower-case letters without accents: `Théo` is `theo`. */
const ascii = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()
