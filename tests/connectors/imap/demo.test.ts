import { setDefaultTimeout } from 'bun:test'
import { type Extension, extensionsWithout } from '../../../src/demo/settings.ts'
import { exercise } from '../conformance.ts'
import { startDemos } from './demo-world.ts'

setDefaultTimeout(30_000)

const without = (...left: readonly Extension[]) => ({ extensions: extensionsWithout(...left) })

// Each extension may be missing alone, and all of them together.
const lacks: readonly (readonly Extension[])[] = [
  [],
  ['LITERAL+'],
  ['MULTIAPPEND'],
  ['UIDPLUS'],
  ['QRESYNC'],
  ['CONDSTORE', 'QRESYNC'],
  ['LIST-STATUS'],
  ['LIST-EXTENDED', 'LIST-STATUS'],
  ['NAMESPACE'],
  ['SPECIAL-USE'],
  ['ESEARCH'],
  ['UNSELECT'],
  ['MOVE'],
  ['ENABLE'],
  ['MULTIAPPEND', 'LITERAL+'],
]

for (const left of lacks)
  exercise(`Demo server without ${left.join(', ') || 'a lack'}`, () => startDemos(without(...left)))

exercise('Demo server with RFC 3501 alone', () => startDemos({ extensions: [] }))
exercise('Demo server with LITERAL-', () => startDemos({ extensions: [...extensionsWithout('LITERAL+'), 'LITERAL-'] }))
exercise('Demo server that sends contents first', () => startDemos({ sendsBodyFirst: true }))
exercise('Demo server with dots and a prefix', () => startDemos({}, { separator: '.', personalPrefix: 'INBOX.' }))
