import { expect, test } from 'bun:test'
import { parseContentFilter } from '../../src/cmdlets/content-filter.ts'

const utc = (text: string): number => Date.parse(/Z|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`)
const at = (text: string): number => Date.parse(text)

test.each([
  ["Received -gt '8/23/2015'", { receivedFrom: at('2015-08-23T00:00:00Z') + 1 }],
  ["Received -ge '8/23/2015 4:05 PM'", { receivedFrom: at('2015-08-23T16:05:00Z') }],
  ["received -LT '12/1/2020 12:00 AM'", { receivedBefore: at('2020-12-01T00:00:00Z') }],
  ["Received -le '2020-12-01'", { receivedBefore: at('2020-12-01T00:00:00Z') + 1 }],
  ["Received -ge '2020-12-01T10:00:00+02:00'", { receivedFrom: at('2020-12-01T08:00:00Z') }],
  [
    '(Received -gt \'8/23/2015\') -and (Received -lt "8/23/2020")',
    { receivedFrom: at('2015-08-23T00:00:00Z') + 1, receivedBefore: at('2020-08-23T00:00:00Z') },
  ],
])('%s is understood', (text, filter) => expect(parseContentFilter(text, utc)).toEqual(filter))

test.each([
  ['Sent -gt "8/23/2015"', 'is not of the form'],
  ["Received -eq '8/23/2015'", 'is not of the form'],
  ["Received -gt 'yesterday'", 'is not a date'],
  ["Received -gt '2015-08-23' -or Received -lt '2014-01-01'", 'is not of the form'],
  ["Received -gt '2015-08-23' -and Received -ge '2014-01-01'", 'bounded twice'],
  ['', 'is not of the form'],
])('%s is refused', (text, why) => expect(() => parseContentFilter(text, utc)).toThrow(why))
