/**
 * Watches how long others wait for their turn. The longest wait is told in milliseconds when it ends, the three longest
 * aside: in those another process had the machine, while whoever blocks the loop again and again has more of them.
 */
export function watchLag(): { end(): number } {
  const waits: number[] = []
  let last = performance.now()
  const beat = setInterval(() => {
    waits.push(performance.now() - last)
    last = performance.now()
  }, 1)
  return {
    end() {
      clearInterval(beat)
      return waits.sort((a, b) => b - a)[3] ?? 0
    },
  }
}
