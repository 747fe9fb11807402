import { expect, test } from 'vitest'
import type { KnownServer } from '../../../../agent/tuning/recommend/known-server.ts'
import { recommend } from '../../../../agent/tuning/recommend/recommend.ts'
import { GB, machineOf, situationFor } from './some-machine.ts'

/** A server of 17 on a machine with 16 GB, with values of its own (in pg_settings' units) and what is known of its load. */
function running(values: Readonly<Record<string, string>>, of: Partial<KnownServer> = {}) {
  const situation = situationFor({ machine: machineOf() })
  const settings = new Map(situation.server.settings)
  for (const [name, value] of Object.entries(values)) settings.set(name, { ...settings.get(name)!, value })
  const answer = recommend({
    ...situation,
    server: { ...situation.server, isRunning: true, settings, ...of },
  })
  return {
    ...answer,
    proposal: (name: string) => answer.proposals.find(({ parameter }) => parameter === name),
  }
}

test('each proposal has what the server has now, as PostgreSQL prints it', () => {
  const { proposal } = running({})
  expect(proposal('shared_buffers')).toMatchObject({ current: '128MB', proposed: '4GB', needs: 'restart' })
  expect(proposal('checkpoint_timeout')).toMatchObject({
    current: '5min',
    proposed: '15min',
    needs: 'reload',
  })
  expect(proposal('jit')).toMatchObject({ current: 'on', proposed: 'off' })
})

test('what the server has already is not proposed, nor a size that is nearly the same', () => {
  const { proposal, unchanged } = running({ shared_buffers: '524288', effective_cache_size: '1540000' })
  expect(proposal('shared_buffers')).toBeUndefined()
  expect(proposal('effective_cache_size')).toBeUndefined()
  expect(unchanged).toContainEqual(
    expect.objectContaining({ parameter: 'shared_buffers', current: '4GB', needs: 'nothing' }),
  )
})

test('larger shared_buffers that somebody has set stay, up to 40 % of the memory', () => {
  expect(running({ shared_buffers: String((6 * GB) / 8192) }).proposal('shared_buffers')).toBeUndefined()
  expect(running({ shared_buffers: String((10 * GB) / 8192) }).proposal('shared_buffers')).toMatchObject({
    current: '10GB',
    proposed: '6528MB',
  })
})

test('max_connections stay as they are, unless they run out', () => {
  expect(running({ max_connections: '250' }).proposal('max_connections')).toBeUndefined()
  expect(running({}, { peakConnections: 79 }).proposal('max_connections')).toBeUndefined()
  expect(running({}, { peakConnections: 100 }).proposal('max_connections')).toMatchObject({ proposed: '130' })
  expect(running({}, { peakConnections: 1000 }).proposal('max_connections')).toMatchObject({
    proposed: '400',
  })
})

test('fewer sessions that are really active leave more for each', () => {
  const usual = running({}).proposal('work_mem')
  expect(running({}, { activeSessions: 3 }).proposal('work_mem')).not.toEqual(usual)
})

test('what other servers depend on is never lowered', () => {
  const { proposal } = running({
    max_worker_processes: '64',
    max_locks_per_transaction: '256',
    max_wal_size: '20480',
    default_statistics_target: '500',
  })
  for (const name of [
    'max_worker_processes',
    'max_locks_per_transaction',
    'max_wal_size',
    'default_statistics_target',
  ]) {
    expect(proposal(name), name).toBeUndefined()
  }
})

test('a setting that this server does not have is left out, whatever its version', () => {
  const settings = new Map(situationFor({}).server.settings)
  settings.delete('jit')
  expect(running({}, { settings }).proposal('jit')).toBeUndefined()
})

test('the library of statements is added to those that are there, where it can be loaded', () => {
  const library = (value: string, names: readonly string[]) =>
    running({ shared_preload_libraries: value }, { availableExtensions: new Set(names) }).proposal(
      'shared_preload_libraries',
    )?.proposed
  expect(library('', [])).toBeUndefined()
  expect(library('', ['pg_stat_statements'])).toBe('pg_stat_statements')
  expect(library('auto_explain', ['pg_stat_statements'])).toBe('auto_explain, pg_stat_statements')
  expect(library('pg_stat_statements', ['pg_stat_statements'])).toBeUndefined()
})
