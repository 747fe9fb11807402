import { describe, expect, test } from 'vitest'
import { readRequest } from '../../../../agent/tuning/offline/read-request.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { GB } from '../recommend/some-machine.ts'

const offline = ['--offline', '--pg', '17', '--cpu', '16', '--memory', '64GB']

function problems(...argv: readonly string[]): readonly string[] {
  try {
    readRequest(argv)
  } catch (error) {
    if (error instanceof PgherdError && error.code === 'USAGE') return error.message.split('\n').slice(0, -1)
    throw error
  }
  return []
}

test('what is not said has its default', () => {
  expect(readRequest(offline)).toEqual({
    what: 'offline',
    major: 17,
    processors: 16,
    memoryBytes: 64 * GB,
    profile: 'mixed',
    diskClass: undefined,
    diskBytes: undefined,
    walDiskBytes: undefined,
    databaseBytes: undefined,
    connections: undefined,
    hasLz4: false,
    dataDirectory: undefined,
    format: 'table',
  })
  expect(readRequest(['--for-new-cluster', '--pg=14'])).toMatchObject({ what: 'new-cluster', format: 'conf' })
})

test.each(['64GB', '65536MB', '64GiB', '0.0625TB', '67108864kB', '64 GB'])(
  '%s are 64GB of PostgreSQL',
  (size) => {
    expect(readRequest([...offline.slice(0, -1), size]).memoryBytes).toBe(64 * GB)
  },
)

describe('what is wrong is told, with what is allowed', () => {
  test.each([
    [['--pg', '13'], '--pg: was "13"; allowed: a major version: 14, 15, 16, 17, 18'],
    [['--pg', '17.2'], '--pg: was "17.2"; allowed: a major version: 14, 15, 16, 17, 18'],
    [['--cpu', '0'], '--cpu: was "0"; allowed: a whole number from 1 to 4096'],
    [['--cpu', '2.5'], '--cpu: was "2.5"; allowed: a whole number from 1 to 4096'],
    [['--memory', '64'], '--memory: was "64"; allowed: a size of 256MB or more, such as 512MB, 64GB or 2TB'],
    [
      ['--memory', '100MB'],
      '--memory: was "100MB"; allowed: a size of 256MB or more, such as 512MB, 64GB or 2TB',
    ],
    [
      ['--memory', '64gb'],
      '--memory: was "64gb"; allowed: a size of 256MB or more, such as 512MB, 64GB or 2TB',
    ],
  ])('%j', ([option, value], problem) => {
    const rest = offline.filter((one, index) => one !== option && offline[index - 1] !== option)
    expect(problems(...rest, option!, value!)).toEqual([problem])
  })

  test.each([
    [['--disk', 'floppy'], '--disk: was "floppy"; allowed: one of hdd, ssd, nvme, san, unknown'],
    [['--profile', 'web'], '--profile: was "web"; allowed: one of oltp, olap, crit, tiny, mixed'],
    [['--connections', '3'], '--connections: was "3"; allowed: a whole number from 10 to 100000'],
    [
      ['--format', 'toml'],
      '--format: was "toml"; allowed: one of table, long, conf, alter-system, patroni, ansible, json',
    ],
    [
      ['--disk-size', '10'],
      '--disk-size: was "10"; allowed: a size of 1GB or more, such as 512MB, 64GB or 2TB',
    ],
    [['--conections', '30'], 'unknown option --conections; allowed: --connections'],
    [['--connections'], '--connections needs a value'],
    [['--connections', '30', '--connections', '40'], '--connections was given twice'],
    [['--lz4=yes'], '--lz4 takes no value'],
    [['fast'], 'unexpected argument fast'],
    [['--for-new-cluster'], '--offline and --for-new-cluster exclude each other'],
    [
      ['--data-directory', '/data'],
      '--data-directory is looked at with --for-new-cluster; --offline takes --disk and --disk-size',
    ],
  ])('%j', (options, problem) => {
    expect(problems(...offline, ...options)).toContain(problem)
  })

  test('all at once, also what is missing', () => {
    expect(problems('--offline', '--disk', 'x')).toEqual([
      '--disk: was "x"; allowed: one of hdd, ssd, nvme, san, unknown',
      '--pg is missing: the major version of PostgreSQL, 14, 15, 16, 17, 18',
      '--cpu is missing: the number of processors, such as 16',
      '--memory is missing: the memory for PostgreSQL, such as 64GB',
    ])
    expect(problems('--pg', '17')).toEqual([
      'tune takes --offline (a machine that is described) or --for-new-cluster (this machine)',
    ])
  })
})
