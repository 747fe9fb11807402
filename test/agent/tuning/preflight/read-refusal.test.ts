import { expect, test } from 'vitest'
import { readRefusal } from '../../../../agent/tuning/preflight/read-refusal.ts'

const directory = '/tmp/pgherd-preflight-x/data'
const refusalOf = (lines: readonly string[], candidates: readonly string[] = []) =>
  readRefusal(lines.join('\n'), directory, candidates)

test('a bad value is told with its hint, and without the lines about the files of the probe', () => {
  expect(
    refusalOf([
      `LOG:  skipping missing configuration file "${directory}/postgresql.auto.conf"`,
      'LOG:  invalid value for parameter "wal_compression": "lz4"',
      'HINT:  Available values: pglz, on, off.',
      `FATAL:  configuration file "${directory}/postgresql.conf" contains errors`,
    ]),
  ).toEqual({
    words: 'invalid value for parameter "wal_compression": "lz4"; HINT:  Available values: pglz, on, off.',
    parameter: 'wal_compression',
  })
})

test('the place of a mistake is told where it is in a file of the server, and not where it is in ours', () => {
  const line = (file: string) => `LOG:  unrecognized configuration parameter "foo" in file "${file}" line 3`
  expect(refusalOf([line(`${directory}/postgresql.conf`)]).words).toBe(
    'unrecognized configuration parameter "foo"',
  )
  expect(refusalOf([line('/etc/postgresql/15/main/conf.d/a.conf')]).words).toMatch(/a\.conf" line 3$/)
})

test.each([
  [
    'postgres: superuser_reserved_connections (9) must be less than max_connections (9)',
    'superuser_reserved_connections',
  ],
  [
    'FATAL:  WAL streaming ("max_wal_senders" > 0) requires "wal_level" to be "replica" or "logical"',
    'max_wal_senders',
  ],
  ['FATAL:  could not access file "nowhere": No such file or directory', 'shared_preload_libraries'],
  ['FATAL:  could not open file "pg_keys/one_key": No such file or directory', null],
  ['LOG:  syntax error in file "/etc/my_settings.conf" line 3, near token "z"', null],
])('%s is about %s', (line, parameter) => {
  expect(refusalOf([line]).parameter).toBe(parameter)
})

test('of several settings in a refusal the one that was tried is meant', () => {
  const line = 'postgres: superuser_reserved_connections (9) must be less than max_connections (9)'
  expect(refusalOf([line], ['work_mem', 'max_connections']).parameter).toBe('max_connections')
})
