import { expect, test } from 'vitest'
import { profiles } from '../../../../agent/tuning/recommend/machine.ts'
import { plannedMajors, plannedServer } from '../../../../agent/tuning/recommend/planned-server.ts'
import { recommend } from '../../../../agent/tuning/recommend/recommend.ts'
import { whyNotTuned } from '../../../../agent/tuning/preflight/never-tuned.ts'
import { tunableNames } from '../../../../agent/tuning/preflight/tunable-names.ts'

test.each(
  `fsync full_page_writes synchronous_commit synchronous_standby_names archive_mode archive_command archive_library listen_addresses port
   ssl ssl_cert_file password_encryption data_directory hba_file ident_file config_file external_pid_file data_checksums
   zero_damaged_pages ignore_checksum_failure ignore_system_indexes ignore_invalid_pages lc_messages lc_monetary TimeZone log_timezone
   allow_alter_system primary_conninfo primary_slot_name restart_after_crash restore_command recovery_target_time unix_socket_directories`.split(
    /\s+/,
  ),
)('%s is never tuned, and the reason is told', (name) => {
  expect(whyNotTuned(name, 'a', 'b')).toMatch(new RegExp(`^${name} is never tuned: .{20}`))
})

test('nothing that is never tuned may be', () => {
  const both = [...tunableNames].filter(
    (name) => name !== 'wal_level' && whyNotTuned(name, '1', '2') !== undefined,
  )
  expect(both).toEqual([])
})

test('what nobody knows is not tuned, whatever a server would take', () => {
  expect(whyNotTuned('foo.bar', null, '1')).toBe('foo.bar is not among the settings that are tuned')
})

test('the level of WAL may rise and not fall', () => {
  expect(whyNotTuned('wal_level', 'replica', 'logical')).toBeUndefined()
  expect(whyNotTuned('wal_level', 'replica', 'replica')).toBeUndefined()
  expect(whyNotTuned('wal_level', 'replica', 'minimal')).toMatch(/never lowered/)
  expect(whyNotTuned('wal_level', null, 'replica')).toMatch(/never lowered/)
})

test.each(plannedMajors)('all that is recommended for PostgreSQL %i may be tuned', (major) => {
  const machine = {
    memoryBytes: 64 * 1024 ** 3,
    processors: 16,
    diskClass: 'nvme',
    dataDiskBytes: 2 * 1024 ** 4,
    walDiskBytes: null,
    fileSystem: 'zfs',
    freeHugePageBytes: null,
  } as const
  const server = plannedServer(major, { databaseBytes: 1024 ** 4, hasLz4: true })
  const found = profiles.flatMap((profile) => {
    const { proposals, unchanged } = recommend({ machine, profile, server, connections: 300 })
    return [...proposals, ...unchanged]
  })
  expect(found.length).toBeGreaterThan(50)
  expect(found.flatMap(({ parameter, proposed }) => whyNotTuned(parameter, null, proposed) ?? [])).toEqual([])
})
