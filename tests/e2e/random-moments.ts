import { seededRandom } from '../support/random.ts'

/** Many more repeats, for the long run. */
export const isLong = process.env.POSTFERRY_LONG === '1'

/**
 * Runs what depends on chance. Its seed is printed when it fails, and POSTFERRY_SEED repeats it as far as the machine
 * allows.
 */
export async function withSeed<T>(run: (random: () => number, seed: number) => Promise<T>): Promise<T> {
  const seed = Number(process.env.POSTFERRY_SEED ?? crypto.getRandomValues(new Uint32Array(1))[0])
  try {
    return await run(seededRandom(seed), seed)
  } catch (cause) {
    throw new Error(`With POSTFERRY_SEED=${seed}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}
