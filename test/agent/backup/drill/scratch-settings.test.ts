import { describe, expect, test } from 'vitest'
import { parseControlData } from '../../../../agent/backup/drill/control-data.ts'
import { recoveryModules, scratchSettings } from '../../../../agent/backup/drill/scratch-settings.ts'
import type { ScratchSettingsOptions } from '../../../../agent/backup/drill/scratch-settings.ts'

const control = parseControlData(`pg_control version number:            1300
Database system identifier:           7711329716599362802
Database cluster state:               in archive recovery
max_connections setting:              200
max_worker_processes setting:         8
max_wal_senders setting:              6
max_prepared_xacts setting:           0
max_locks_per_xact setting:           128
track_commit_timestamp setting:       on
Bytes per WAL segment:                67108864
`)
const settings = (more: Partial<ScratchSettingsOptions> = {}): ReadonlyMap<string, string> =>
  scratchSettings({
    major: 15,
    dataDirectory: '/scratch/data',
    runDirectory: '/scratch/run',
    socketDirectory: '/scratch/run',
    port: 5432,
    control,
    atLeast: new Map(),
    preload: [],
    ...more,
  })

describe('settings of a scratch server', () => {
  test('a system identifier stays text, which a number could not hold', () => {
    expect(control.systemIdentifier).toBe('7711329716599362802')
  })

  test('are as high as the control file and the live server demand', () => {
    const all = settings({ atLeast: new Map([['max_connections', 300]]) })

    expect(all.get('max_connections')).toBe('300')
    expect(all.get('max_locks_per_transaction')).toBe('128')
  })

  test('fit segments of other sizes, for which min_wal_size must hold two', () => {
    expect(settings().get('min_wal_size')).toBe('320MB')
  })

  test('keep the times of commits, which a server without the setting drops for good', () => {
    expect(settings().get('track_commit_timestamp')).toBe('on')
  })

  test.each([
    [14, 'stats_temp_directory', true],
    [15, 'stats_temp_directory', false],
    [17, 'event_triggers', true],
    [16, 'event_triggers', false],
    [11, 'recovery_end_command', false],
  ])('are those that version %i knows: %s', (major, name, isThere) => {
    expect(settings({ major }).has(name)).toBe(isThere)
  })
})

describe('modules of a scratch server', () => {
  const libraries = `pg_stat_statements, pg_cron, "$libdir/timescaledb", pg_tde, pg_net`

  test('are those without which the log cannot be replayed', () => {
    expect(recoveryModules(libraries, false)).toEqual(['pg_tde'])
  })

  test('are all that run no jobs and call nobody, when one is missing', () => {
    expect(recoveryModules(libraries, true)).toEqual(['pg_stat_statements', 'pg_tde'])
  })
})
