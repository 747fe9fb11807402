import { expect, test } from 'vitest'
import { walCompressionByVolume } from '../../../../../agent/tuning/rules/wal/wal-compression-by-volume.ts'
import { MB } from '../../recommend/some-machine.ts'
import { inputOf, saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const block = 8192
const much: MadeUp = {
  counters: { 'wal.fpi': 3100, 'wal.bytes': 10_000 * block },
  peaks: { 'wal.bytes': 101 * MB },
  gauges: { 'host.cpu_busy': 0.59 },
}
const said = (of: MadeUp) => saidBy(walCompressionByVolume, { ...much, ...of })

/** A server whose build has more methods than the smallest. */
function saidWith(methods: readonly string[], value: string, of: MadeUp = {}) {
  const input = inputOf({ ...much, ...of })
  const settings = new Map(input.situation.server.settings)
  const setting = settings.get('wal_compression')!
  settings.set('wal_compression', { ...setting, value, enumValues: ['pglz', 'on', 'off', ...methods] })
  const { drafts } = walCompressionByVolume.advise({
    ...input,
    situation: { ...input.situation, server: { ...input.situation.server, settings } },
  })
  return drafts.map(({ proposed }) => proposed)
}

test('much WAL of whole pages is compressed by what the build has', () => {
  expect(said({}).values).toEqual({ wal_compression: 'pglz' })
  expect(said({ major: 14 }).values).toEqual({ wal_compression: 'on' })
  expect(saidWith(['lz4', 'zstd'], 'off')).toEqual(['lz4'])
  expect(saidWith(['zstd'], 'off')).toEqual(['pglz'])
})

test('what is compressed already, by a better method where the build has it', () => {
  const compressed = { counters: { 'wal.fpi': 6100, 'wal.bytes': 10_000 * block } }
  expect(saidWith(['lz4', 'zstd'], 'pglz', compressed)).toEqual(['lz4'])
  expect(saidWith(['lz4', 'zstd'], 'lz4', compressed)).toEqual(['zstd'])
  expect(saidWith(['lz4'], 'lz4', compressed)).toEqual([])
  expect(saidWith(['lz4', 'zstd'], 'zstd', compressed)).toEqual([])
})

test('so is less WAL that the network does not take to standbys', () => {
  const little = { peaks: { 'wal.bytes': 5 * MB } }
  expect(said(little)).toEqual(silent)
  const { reasons } = said({ ...little, gauges: { ...much.gauges, 'replication.network_bytes': 100 * MB } })
  expect(reasons[0]).toContain(
    '5MB of WAL per second are more than the network takes to standbys, which are 100MB and 0.0 s behind',
  )
})

test.each([
  ['few pages are whole', { counters: { 'wal.fpi': 3000, 'wal.bytes': 10_000 * block } }],
  ['hardly any were', { counters: { 'wal.fpi': 99, 'wal.bytes': 100 * block } }],
  ['processors are busy', { gauges: { 'host.cpu_busy': 0.6 } }],
  ['nobody knows how busy processors are', { gauges: {} }],
  ['the disk takes it', { peaks: { 'wal.bytes': 100 * MB } }],
  ['a better disk takes it', { machine: { diskClass: 'nvme' } as const }],
  ['the server has just started', { hoursSinceStart: 0.5 }],
  ['another server writes the WAL', { inRecovery: true }],
])('it stays as it is where %s', (_, of) => {
  expect(said(of)).toEqual(silent)
})
