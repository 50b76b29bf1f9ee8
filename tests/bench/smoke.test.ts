import { beforeAll, expect, test } from 'bun:test'
import { tmpdir } from 'node:os'
import { describeWith } from '../support/need.ts'
import type { Measured } from './lanes/lane.ts'
import type { Profile } from './profiles.ts'
import { runProfile } from './run-profile.ts'

const tiny: Profile = {
  about: '90 messages',
  mail: { messages: 90, folders: 9, bytesMin: 900, bytesMax: 3_000 },
  peers: ['mbsync'],
  makesSecondPass: true,
  lanes: ['kept', 'half', 'limit'],
  rttMs: 2,
}

describeWith('dovecot', 'openssl')('a small run of the benchmark', () => {
  let measured: readonly Measured[] = []
  let notRun: Readonly<Record<string, string>> = {}

  beforeAll(async () => {
    const options = { rounds: 1, peers: ['mbsync'] as const, passMsMax: 60_000, diskFolder: tmpdir(), tell: () => {} }
    const result = await runProfile(tiny, options)
    measured = result.rounds.flat()
    notRun = result.notRun
  }, 60_000)

  test('measures ours in every way, and each of our copies is exact', () => {
    const own = measured.filter(({ row }) => !row.startsWith('mbsync'))
    expect(own.map(({ row, exit, differences }) => [row, exit, differences])).toEqual([
      ['ours copy', '0', ''],
      ['ours again', '0', ''],
      ['ours kept', '0', ''],
      ['ours half-filled copy', '0', ''],
      ['ours half-filled again', '0', ''],
      ['servers FETCH', '0', ''],
      ['servers APPEND', '0', ''],
      ['servers limit', '0', ''],
    ])
    expect(own.filter(({ wallMs, cpuMs }) => wallMs <= 0 || cpuMs < 0)).toEqual([])
  })

  test('a peer is measured, or it says why not', () => {
    const rows = measured.filter(({ row }) => row.startsWith('mbsync')).map(({ row, exit }) => [row, exit])
    if (notRun.mbsync === undefined) {
      expect(rows).toEqual([
        ['mbsync copy', '0'],
        ['mbsync again', '0'],
      ])
    } else {
      expect([notRun.mbsync, rows]).toEqual([expect.stringContaining('not installed'), []])
    }
  })
})
