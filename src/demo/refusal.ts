/** Ends a command with a tagged NO or BAD. The text may begin with a response code in brackets (RFC 5530). */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: 'NO' | 'BAD'

  constructor(status: 'NO' | 'BAD', text: string) {
    super(text)
    this.status = status
  }
}

export const no = (text: string): Refusal => new Refusal('NO', text)
export const bad = (text: string): Refusal => new Refusal('BAD', text)
