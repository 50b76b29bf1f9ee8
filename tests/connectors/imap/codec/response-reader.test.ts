import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { ProtocolError } from '../../../../src/connectors/imap/codec/cursor.ts'
import { type ReaderLimits, ResponseReader } from '../../../../src/connectors/imap/codec/response-reader.ts'

/** What a reader makes of chunks: each response with its literals put back, streamed ones between angle brackets. */
function read(chunks: readonly Uint8Array[], limits?: ReaderLimits, streams = (_: string) => false): string[] {
  const seen: string[] = []
  let streamed = ''
  const reader = new ResponseReader(
    {
      onLiteral(text) {
        if (!streams(text)) return null
        streamed = ''
        return {
          chunk(bytes) {
            streamed += Buffer.from(bytes).toString('latin1')
          },
          end() {
            seen.push(`<${streamed}>`)
          },
        }
      },
      onResponse(text, literals) {
        let at = 0
        seen.push(text.replaceAll('\0', () => `[${Buffer.from(literals[at++] ?? []).toString('latin1')}]`))
      },
    },
    limits,
  )
  for (const chunk of chunks) reader.feed(chunk)
  return seen
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const isBody = (text: string): boolean => text.endsWith('BODY[] ')
const small: ReaderLimits = { lineBytesMax: 100, literalBytesKept: 50 }

const conversation = [
  '* OK [CAPABILITY IMAP4rev1 {3}] text that ends like a literal {5}\r\n',
  '* LIST () "/" {5}\r\na\r\n"b\r\n',
  '* 1 FETCH (UID 7 BODY[] {11}\r\n* 2 EXISTS\n FLAGS ())\r\n',
  '* 2 FETCH (BODY[] ~{3}\r\n\0\0\0)\r\n',
  '* 3 FETCH (BODY[] {0}\r\n)\n',
  '* LIST (\\Noselect) {1}\r\n/ {3}\r\nx)}\r\n',
  'p1 OK done\r\n',
].join('')

const responses = [
  '* OK [CAPABILITY IMAP4rev1 {3}] text that ends like a literal {5}',
  '* LIST () "/" [a\r\n"b]',
  '<* 2 EXISTS\n>',
  '* 1 FETCH (UID 7 BODY[] [] FLAGS ())',
  '<\0\0\0>',
  '* 2 FETCH (BODY[] [])',
  '<>',
  '* 3 FETCH (BODY[] [])',
  '* LIST (\\Noselect) [/] [x)}]',
  'p1 OK done',
]

describe('a response reader', () => {
  test('cuts a stream into responses, kept literals and streamed ones', () => {
    expect(read([bytes(conversation)], undefined, isBody)).toEqual(responses)
  })

  test('reads the same wherever the stream is cut in two', () => {
    const all = bytes(conversation)
    for (let at = 0; at <= all.length; at++) {
      expect(read([all.subarray(0, at), all.subarray(at)], undefined, isBody)).toEqual(responses)
    }
  })

  test('reads the same one byte at a time', () => {
    expect(
      read(
        [...bytes(conversation)].map((byte) => Uint8Array.of(byte)),
        undefined,
        isBody,
      ),
    ).toEqual(responses)
  })

  test('gives back any literal, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), fc.nat(60), (literals, cut) => {
        const text = literals.map((literal) => Buffer.concat([bytes(`{${literal.length}}\r\n`), literal]))
        const stream = Buffer.concat([bytes('* X '), ...text, bytes('\r\n')])
        const expected = `* X ${literals.map((literal) => `[${Buffer.from(literal).toString('latin1')}]`).join('')}`
        expect(read([stream.subarray(0, cut), stream.subarray(cut)])).toEqual([expected])
      }),
    )
  })

  test.each([
    ['a line without an end', 'x'.repeat(101)],
    ['a response of many literals', '* {1}\r\nx'.repeat(40)],
    ['a literal that nobody wants', '* LIST () "/" {51}\r\n'],
    ['many small literals that nobody wants', '* {20}\r\n12345678901234567890{20}\r\n12345678901234567890{20}\r\n'],
    ['a response of a hundred and one literals', `${'{0}\r\n'.repeat(101)}`],
    ['a literal above 32 bits', '* 1 FETCH (BODY[] {4294967296}\r\n'],
    ['a literal of ten gigabytes', '* 1 FETCH (BODY[] {10737418240}\r\n'],
    ['a NUL in a line', '* OK \0\r\n'],
  ])('gives up %s', (_, text) => {
    expect(() => read([bytes(text)], small, isBody)).toThrow(ProtocolError)
  })

  test.each(['{-1}', '{4294967296000000000000}', '{1x}', '{}', '{ 1}', '{1+}'])('takes %s for no literal', (text) => {
    expect(read([bytes(`* 1 FETCH (BODY[] ${text}\r\n`)], small, isBody)).toEqual([`* 1 FETCH (BODY[] ${text}`])
  })

  test('hands nothing over once it is stopped, not even the rest of the chunk', () => {
    const seen: string[] = []
    const reader: ResponseReader = new ResponseReader({
      onLiteral: () => null,
      onResponse(text) {
        seen.push(text)
        reader.stop()
      },
    })
    reader.feed(bytes('* 1 EXISTS\r\n* 2 EXISTS\r\n'))
    expect(seen).toEqual(['* 1 EXISTS'])
  })

  test('passes a literal on without copying it', () => {
    const chunk = bytes('* 1 FETCH (BODY[] {5}\r\nhello)\r\n')
    const seen: ArrayBufferLike[] = []
    const sink = { chunk: (part: Uint8Array) => seen.push(part.buffer), end() {} }
    new ResponseReader({ onLiteral: () => sink, onResponse() {} }).feed(chunk)
    expect(seen).toEqual([chunk.buffer])
  })
})
