import { describe, expect, test } from 'vitest'
import { describePolicy } from '../../../../agent/backup/policy/describe-policy.ts'
import { readExistingConfig } from '../../../../agent/backup/policy/existing-config.ts'
import { fileOf, policyOf } from './policy-facts.ts'

const now = Date.parse('2026-11-27T10:00:00Z')
const server = {
  dataDirectory: '/var/lib/postgresql/15/main',
  port: 5432,
  socketDirectory: '/run/postgresql',
  user: null,
  address: '10.0.0.1',
}

const lines = (text: string, context: Partial<Parameters<typeof describePolicy>[2]> = {}) =>
  describePolicy(policyOf(text), now, { server, engineVersion: '2.45', existing: null, ...context })

/** The lines below a heading, up to the next empty line. */
function below(heading: string, all: readonly string[]): readonly string[] {
  const from = all.indexOf(heading) + 1
  const to = all.indexOf('', from)
  return all.slice(from, to < 0 ? undefined : to).map((one) => one.trim())
}

test('the moments of the next seven days are told by the clocks of the time zone', () => {
  const all = lines(
    fileOf(
      'time_zone: Europe/Zurich',
      'schedules: {full: "0 1 * * sun", diff: "0 1 * * wed", drill: "0 3 1 1 *"}',
    ),
  )
  expect(below('In the next 7 days (Europe/Zurich):', all)).toEqual([
    'Sun 2026-11-29 01:00  full',
    'Wed 2026-12-02 01:00  diff',
    'and on Fri 2027-01-01 03:00  drill',
  ])
})

test('of many moments the first are listed and the others counted', () => {
  const all = below(
    'In the next 7 days (UTC):',
    lines(fileOf('schedules: {full: "0 1 * * *", incr: "0 * * * *"}')),
  )
  expect(all).toHaveLength(41)
  expect(all.at(-1)).toBe('and 128 more')
})

test('a week of minutes is counted up to a limit', () => {
  const all = below('In the next 7 days (UTC):', lines(fileOf('schedules: {full: "* * * * *"}')))
  expect(all.at(-1)).toBe('and at least 1960 more')
})

test('repositories are told with their place, and what they keep how long', () => {
  const all = lines(
    fileOf(
      'repositories:',
      '  - {kind: local, path: /nfs, shared: true, retention: {full: 1, diff: 6}, cipher_pass_file: /p}',
      "  - {kind: s3, path: /main, bucket: b, endpoint: 'minio:9000', key_file: /k, key_secret_file: /s, retention: {full: 14d}}",
    ),
  )
  expect(below('Repositories:', all)).toEqual([
    '1: /nfs, the same on every member, encrypted with aes-256-cbc, keeps 1 full backup and 6 differential ones',
    '2: s3 b/main, at minio:9000 (host style), not encrypted, keeps what 14 days need',
  ])
})

test('the configuration is shown as it would be written, with stars in place of secrets', () => {
  const all = lines(
    fileOf('repositories: [{kind: local, path: /b, retention: {full: 2}, cipher_pass_file: /p}]'),
  )
  const shown = all
    .slice(all.indexOf('/etc/pgbackrest/pgbackrest.conf is written as:'))
    .map((one) => one.trim())
  expect(shown).toEqual(
    expect.arrayContaining(['repo1-cipher-pass=***', 'repo1-retention-full=2', 'pg1-port=5432']),
  )
})

test('the configuration is not made up while the server is not known', () => {
  expect(lines(fileOf(), { server: null })).toContain(
    '/etc/pgbackrest/pgbackrest.conf is written once the server is known.',
  )
})

test("somebody else's configuration tells its repositories and what it lacks", () => {
  const existing = readExistingConfig('[global]\nrepo1-path=/theirs\n[pg-main]\npg1-path=/pg\n', 'pg-main')
  const all = lines(fileOf('config: existing'), { existing })
  expect(below('Repositories:', all)).toEqual(['1: /theirs, not encrypted, keeps everything'])
  expect(all).toContain('/etc/pgbackrest/pgbackrest.conf is left as it is.')
  expect(all.at(-1)).toContain('repo1-retention-full is missing: nothing is ever deleted')
})

describe('what a policy cannot do is told', () => {
  test.each([
    { lines: [], told: 'No full backup is scheduled: backups are made by hand only.' },
    { lines: [], told: 'No drill is scheduled: nobody knows that a restore works.' },
    { lines: [], told: 'Repository 1 is on each member' },
    { lines: [], told: 'pg_wal grows until it does or the disk is full' },
    { lines: ['archive: {queue_max: 4GiB}'], told: 'more than 4GiB of it wait, pgBackRest throws it away' },
    { lines: ['engine: pg_basebackup'], told: 'pg_basebackup archives no WAL' },
    {
      lines: [
        'repositories: [{kind: local, path: /b, retention: {full: forever}, bundle: true, block: true}]',
      ],
      told: 'Left out: repositories[0].block needs pgBackRest 2.46, and this is 2.45.',
    },
  ])('$lines', ({ lines: given, told }) => {
    expect(lines(fileOf(...given)).join('\n')).toContain(told)
  })

  test('and nothing of a policy that has all', () => {
    const schedules = 'schedules: {full: "0 1 * * sun", verify: "0 4 * * sun", drill: "0 6 * * sun"}'
    const repositories = 'repositories: [{kind: local, path: /nfs, shared: true, retention: {full: 2}}]'
    expect(below('Worth knowing:', lines(fileOf(schedules, repositories)))).toEqual([
      'While no repository takes WAL, pg_wal grows until it does or the disk is full.',
    ])
  })

  test.each([
    { engineVersion: null, told: 'pgBackRest is not installed here, or does not tell its version.' },
    { engineVersion: '2.30', told: 'pgBackRest 2.30 is too old: 2.37 and later are written for.' },
  ])('pgBackRest $engineVersion', ({ engineVersion, told }) => {
    expect(lines(fileOf(), { engineVersion }).join('\n')).toContain(told)
  })
})
