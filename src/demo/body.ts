import { Buffer } from 'node:buffer'

/** The bytes of one message. Large ones are made piece by piece as they are read, and never kept. */
export interface Body {
  readonly sizeBytes: number
  chunks(): Iterable<Uint8Array>
}

export const bytesBody = (bytes: Uint8Array): Body => ({ sizeBytes: bytes.length, chunks: () => [bytes] })

/** `chunks` must yield exactly `sizeBytes` bytes, the same at each reading. */
export const lazyBody = (sizeBytes: number, chunks: () => Iterable<Uint8Array>): Body => ({ sizeBytes, chunks })

export function readBody(body: Body): Uint8Array {
  const [first, ...rest] = body.chunks()
  return rest.length === 0 ? (first ?? new Uint8Array()) : Buffer.concat([first ?? new Uint8Array(), ...rest])
}
