import { expect, test } from 'bun:test'
import { aborted, listenForInterruption } from '../../src/cli/interruption.ts'
import { recordedShell } from './recorded-shell.ts'

test('the first signal asks for an end, the second one makes it', async () => {
  const shell = recordedShell()
  using interruption = listenForInterruption(shell)
  expect(interruption.signal.aborted).toBe(false)
  shell.interrupt()
  await aborted(interruption.signal)
  expect(shell.exits).toEqual([])
  shell.interrupt()
  expect(shell.exits).toEqual([130])
})

test('nobody listens any more once it is disposed of', () => {
  const shell = recordedShell()
  const { signal } = (() => {
    using interruption = listenForInterruption(shell)
    return interruption
  })()
  shell.interrupt()
  expect(signal.aborted).toBe(false)
})
