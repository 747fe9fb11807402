import { describe, expect, test } from 'vitest'
import { facts, fileOf, policyOf, problemsOf } from './policy-facts.ts'

const standby = [
  'where: standby',
  'members: [{address: 10.0.0.1}, {address: 10.0.0.2, port: 5433}]',
  'primary_access: {kind: tls, cert_file: /c, key_file: /k, ca_file: /a, allowed_names: [pg]}',
]

describe('a policy says what it wants and has defaults for the rest', () => {
  test('a repository with its retention is enough', () => {
    expect(policyOf(fileOf())).toMatchObject({
      cluster: 'pg-main',
      engine: 'pgbackrest',
      stanza: 'pg-main',
      config: 'write',
      timeZone: 'UTC',
      windowMs: 6 * 3_600_000,
      where: 'primary',
      compression: { type: 'zst', level: null },
      ioTimeoutMs: 10_000,
      retry: { attempts: 5, firstMs: 30_000, longestMs: 600_000 },
      archive: { isManaged: true, isAsync: true, queueMaxBytes: null },
    })
  })

  test.each([
    { processors: 1, processMax: 2 },
    { processors: 12, processMax: 3 },
    { processors: 64, processMax: 4 },
  ])('with $processors processors pgBackRest may use $processMax processes', ({ processors, processMax }) => {
    expect(policyOf(fileOf(), { ...facts, processors }).processMax).toBe(processMax)
  })

  test('a pgBackRest that is too old for zst compresses with gz', () => {
    expect(policyOf(fileOf(), { ...facts, engineVersion: '2.26' }).compression.type).toBe('gz')
  })

  test('durations and sizes are written with their units', () => {
    const policy = policyOf(fileOf('window: 90m', 'archive: {queue_max: 4GiB}', 'guard: {lag: 512MiB}'))
    expect(policy.windowMs).toBe(5_400_000)
    expect(policy.archive.queueMaxBytes).toBe(4 * 2 ** 30)
    expect(policy.guard.lagBytes).toBe(512 * 2 ** 20)
  })

  test('none lifts a limit of the guard that would have a default', () => {
    expect(policyOf(fileOf('guard: {lag: none, load_per_cpu: none}')).guard).toEqual({
      loadPerCpu: null,
      activeSessions: null,
      lagBytes: null,
      ioPressurePercent: 80,
    })
  })

  test.each([
    { written: '2', read: { kind: 'count', value: 2 } },
    { written: '14d', read: { kind: 'days', value: 14 } },
    { written: '2w', read: { kind: 'days', value: 14 } },
    { written: 'forever', read: null },
  ])('a retention of $written', ({ written, read }) => {
    const text = fileOf(`repositories: [{kind: local, path: /b, retention: {full: ${written}}}]`)
    expect(policyOf(text).repositories[0]!.retention.full).toEqual(read)
  })

  test('backups on standbys are read with the ways to the other members', () => {
    const shared = 'repositories: [{kind: local, path: /nfs, shared: true, retention: {full: 2}}]'
    expect(policyOf(fileOf(shared, ...standby))).toMatchObject({
      where: 'standby',
      members: [
        { address: '10.0.0.1', dataDirectory: null, port: null, socketDirectory: null },
        { address: '10.0.0.2', dataDirectory: null, port: 5433 },
      ],
      primaryAccess: { kind: 'tls', port: 8432, allowedNames: ['pg'] },
    })
  })

  test('a restore has a limit of its own beside that of a drill', () => {
    expect(policyOf(fileOf('drill: {timeout: 1h}'))).toMatchObject({
      drill: { timeoutMs: 3_600_000 },
      restore: { timeoutMs: 86_400_000 },
    })
    expect(policyOf(fileOf('restore: {timeout: 3h}'))).toMatchObject({
      drill: { timeoutMs: 43_200_000 },
      restore: { timeoutMs: 10_800_000 },
    })
  })

  test('an existing configuration needs no repositories here', () => {
    const policy = policyOf(fileOf('config: existing'))
    expect(policy.repositories).toEqual([])
    expect(policy.archive.isManaged).toBe(false)
  })
})

describe('each mistake is one line that says where it is and what is allowed', () => {
  test('several mistakes of one file are all told, with their lines', () => {
    const problems = problemsOf(fileOf('window: 6', 'where: primry'))
    expect(problems).toEqual([
      'backup.yaml:4: clusters.pg-main.window: was 6; allowed: a duration from 5m to 7d, such as 500ms, 10s, 5m, 1h30m or 30d',
      'backup.yaml:5: clusters.pg-main.where: was "primry"; allowed: one of primary, standby',
    ])
  })

  test.each([
    { lines: ['scedules: {}'], told: 'unknown key scedules; allowed: schedules' },
    {
      lines: ['drill: {directry: /x}'],
      told: 'clusters.pg-main.drill: unknown key directry; allowed: directory',
    },
    { lines: ['schedules: {full: "61 1 * * *"}'], told: 'Invalid value for minute: 61' },
    { lines: ['schedules: {full: "0 1 * *"}'], told: 'five fields' },
    { lines: ['schedules: {full: "0 0 1 * * *"}'], told: 'five fields' },
    { lines: ['schedules: {full: "@daily"}'], told: 'five fields' },
    { lines: ['schedules: {full: "0 1 31 2 *"}'], told: 'there is no such day' },
    { lines: ['time_zone: Zurich'], told: 'was "Zurich"; allowed: a time zone such as Europe/Zurich' },
    { lines: ['drill: {directory: scratch}'], told: 'was "scratch"; allowed: an absolute path' },
    { lines: ['restore: {timeout: 2d}'], told: 'was "2d"; allowed: a duration from 1m to 1d' },
    { lines: ['compression: {type: zip}'], told: 'one of none, gz, lz4, zst, bz2' },
    { lines: ['repositories: []'], told: 'a list with at least one repository' },
    { lines: ['repositories: [{kind: nfs, path: /x}]'], told: 'kind: local or kind: s3' },
    { lines: ['repositories: [{kind: local, path: /x}]'], told: 'repositories[0].retention: missing' },
    {
      lines: ['repositories: [{kind: local, path: /x, retention: {full: 0}}]'],
      told: 'a number of full backups such as 2, whole days that stay reachable such as 14d, or forever',
    },
  ])('$lines', ({ lines, told }) => {
    const problems = problemsOf(fileOf(...lines))
    expect(problems).toEqual([expect.stringContaining(told)])
    expect(problems[0]).toMatch(/^backup\.yaml:\d+: clusters\.pg-main/)
  })

  test('a secret that stands where its file is to be named is not told again', () => {
    const lines = 'repositories: [{kind: local, path: /x, retention: {full: 2}, cipher_pass_file: hunter2}]'
    expect(problemsOf(fileOf(lines))[0]).toContain('cipher_pass_file: was ***; allowed: an absolute path')
  })

  test('a cluster whose name none can have is refused', () => {
    expect(problemsOf('clusters: {"a b": {}}')[0]).toContain('clusters.a b')
  })

  test('an empty file says what it is to have', () => {
    expect(problemsOf('')).toEqual([
      'backup.yaml:1: clusters: missing; allowed: a map of clusters by their names, as identity.cluster has them',
    ])
  })
})

describe('keys that contradict each other are mistakes', () => {
  const two = (more: string) =>
    `repositories: [{kind: local, path: /a, retention: {full: 2}}, {kind: local, retention: {full: 2}, ${more}}]`

  test.each([
    {
      what: 'a diff without a full',
      lines: ['schedules: {diff: "0 1 * * *"}'],
      told: 'schedules.full: missing',
    },
    {
      what: 'an incr without a full',
      lines: ['schedules: {incr: "0 1 * * *"}'],
      told: 'incr makes depends on a full',
    },
    {
      what: 'a diff that a full always comes before',
      lines: ['schedules: {full: "0 * * * *", diff: "0 1 * * *"}'],
      told: 'schedules.diff: was "0 1 * * *"; allowed: moments at which no fuller backup is made',
    },
    {
      what: 'twice one place',
      lines: [two('path: /b/../a/')],
      told: 'another place than that of repositories[0]',
    },
    {
      what: 'blocks without bundles',
      lines: [two('path: /b, block: true')],
      told: 'repositories[1].bundle: missing',
    },
    {
      what: 'a drill within the data directory',
      lines: ['drill: {directory: /var/lib/postgresql/15/main/drill}'],
      told: 'a directory apart from the data directory /var/lib/postgresql/15/main',
    },
    {
      what: 'a drill around the data directory',
      lines: ['drill: {directory: /var/lib/postgresql}'],
      told: 'a directory apart from the data directory',
    },
    {
      what: 'a drill in a repository',
      lines: ['drill: {directory: /backup/x}'],
      told: 'outside of repositories[0]',
    },
    {
      what: 'a repository within the data directory',
      lines: ['repositories: [{kind: local, path: /var/lib/postgresql/15/main/b, retention: {full: 2}}]'],
      told: 'a directory outside of the data directory',
    },
    {
      what: 'a rate with pgBackRest',
      lines: ['max_rate: 10MiB'],
      told: 'pgBackRest, which has no limit of its rate: lower process_max or raise nice',
    },
    {
      what: 'timeouts upside down',
      lines: ['io_timeout: 20m'],
      told: 'protocol_timeout: missing; allowed: a duration above 20m',
    },
    {
      what: 'retries upside down',
      lines: ['retry: {first: 10m, longest: 1m}'],
      told: 'a duration above 10m, that of first',
    },
    {
      what: 'a level of nothing',
      lines: ['compression: {type: none, level: 3}'],
      told: 'nothing with type: none',
    },
    {
      what: 'a setting that the existing configuration has',
      lines: ['config: existing', 'process_max: 3'],
      told: 'process_max: was 3; allowed: nothing with config: existing, where that file says it',
    },
    { what: 'one member twice', lines: ['members: [{address: a}, {address: a}]'], told: 'each member once' },
  ])('$what', ({ lines, told }) => {
    expect(problemsOf(fileOf(...lines))).toEqual([expect.stringContaining(told)])
  })

  test('a standby needs a way to its primary, and one place for WAL and backups', () => {
    const problems = problemsOf(fileOf('where: standby'))
    expect(problems.map((one) => one.split(': ')[1])).toEqual([
      'clusters.pg-main.primary_access',
      'clusters.pg-main.members',
      'clusters.pg-main.repositories[0].shared',
    ])
  })

  test('the primary has to have its turn while the window is open', () => {
    const shared = 'repositories: [{kind: local, path: /nfs, shared: true, retention: {full: 2}}]'
    const problems = problemsOf(fileOf(shared, ...standby, 'window: 1h', 'fallback_after: 1h'))
    expect(problems).toEqual([expect.stringContaining('a duration below 1h, that of window')])
  })

  test.each([
    {
      lines: ['schedules: {full: "0 1 * * *", incr: "0 2 * * *"}'],
      told: 'pg_basebackup makes full backups only',
    },
    { lines: ['process_max: 3'], told: 'nothing with pg_basebackup' },
    { lines: ['compression: {type: bz2}'], told: 'one of none, gz, zst with pg_basebackup' },
    {
      lines: ['repositories: [{kind: local, path: /x, retention: {full: 2}, cipher_pass_file: /p}]'],
      told: 'pg_basebackup encrypts nothing',
    },
  ])('pg_basebackup has no $lines', ({ lines, told }) => {
    expect(problemsOf(fileOf('engine: pg_basebackup', ...lines))).toEqual([expect.stringContaining(told)])
  })
})
