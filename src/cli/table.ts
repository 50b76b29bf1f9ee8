/** Cells in columns that are as wide as their widest cell, under their headings. */
export function drawList(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows]
  const widths = headings.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))))
  return all.map((row) => `${padded(row, widths).trimEnd()}\n`).join('')
}

/** One row as a list of headings and values. */
export function drawRow(headings: readonly string[], row: readonly string[]): string {
  const width = Math.max(...headings.map(widthOf))
  return headings
    .map((heading, at) => `${pad(heading, width)}  ${row[at] ?? ''}`.trimEnd())
    .join('\n')
    .concat('\n')
}

const padded = (row: readonly string[], widths: readonly number[]): string =>
  widths.map((width, column) => pad(row[column] ?? '', width)).join('  ')

const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** Marks that stand on the letter before them take no column; ideographs, kana, hangul and emoji take two. */
const noColumn = /\p{M}/u
const twoColumns =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

function widthOf(text: string): number {
  let width = 0
  for (const letter of text) width += noColumn.test(letter) ? 0 : twoColumns.test(letter) ? 2 : 1
  return width
}
