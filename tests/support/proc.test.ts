import { expect, test } from 'bun:test'
import { readMemory, startProc } from './proc.ts'

const script = (text: string) => [process.execPath, '-e', text]

test('a process is read on both streams, to what it has printed and will print', async () => {
  await using proc = startProc(script(`console.error('address http://127.0.0.1:1234/'); console.log('ready')`))
  expect((await proc.printed(/http:\/\/127\.0\.0\.1:(\d+)/))[1]).toBe('1234')
  await proc.printed(/ready/)
  expect(await proc.exited).toBe(0)
  expect((await proc.printed(/address/))[0]).toBe('address')
})

test('waiting for words that never come ends with the process, or with the time', async () => {
  await using ended = startProc(script(`console.log('sorry'); process.exit(3)`))
  await expect(ended.printed(/never/)).rejects.toThrow(/ended before it printed .*never.*: sorry/)
  expect(await ended.exited).toBe(3)
  await using silent = startProc(script('setInterval(() => {}, 1000)'))
  await expect(silent.printed(/never/, 50)).rejects.toThrow('took over 50 ms')
})

test('a killed process is gone when kill returns, though it ignores SIGTERM', async () => {
  const proc = startProc(script(`process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)`))
  await proc.printed(/up/)
  await proc.kill()
  expect(await proc.exited).toBe('SIGKILL')
  expect(() => process.kill(proc.pid, 0)).toThrow()
})

test('leaving the scope ends the process', async () => {
  let pid = 0
  {
    await using proc = startProc(script('setInterval(() => {}, 1000)'))
    pid = proc.pid
  }
  expect(() => process.kill(pid, 0)).toThrow()
})

test.if(process.platform === 'linux')('memory is told at its peak, and after the end as it was last', async () => {
  await using proc = startProc(
    script(`let hog = Buffer.alloc(200e6, 1); console.log('big', hog.length); setInterval(() => {}, 1000)`),
  )
  await proc.printed(/big/)
  const { residentBytes, peakBytes } = proc.memory()
  expect(residentBytes).toBeGreaterThan(200e6)
  expect(peakBytes).toBeGreaterThan(200e6)
  await proc.kill()
  expect(proc.memory().peakBytes).toBeGreaterThan(200e6)
  expect(readMemory(proc.pid)).toBeNull()
})

test('a program that is not there cannot be started', () => {
  expect(() => startProc(['/nowhere/program'])).toThrow('Cannot start /nowhere/program')
})
