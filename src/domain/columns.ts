/** A column of numbers, one for each row. */
export type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array

/** How many rows to make room for where so many are needed and there was room for some: half as many again, at least. */
export const roomFor = (rows: number, room: number): number => Math.max(rows, 16, room + (room >> 1))

/** The column cut or filled up to so many places. */
export function resized<T extends Column>(column: T, places: number): T {
  const made = new (column.constructor as new (length: number) => T)(places)
  made.set(column.subarray(0, places))
  return made
}

/** Where a value stands among ascending ones; where it is not there, the complement (`~`) of where it would stand. */
export function placeOf(ascending: Uint32Array, value: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const found = ascending[middle] ?? 0
    if (found < value) low = middle + 1
    else if (found > value) high = middle - 1
    else return middle
  }
  return ~low
}
