import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { runTune } from '../../../../agent/tune-command.ts'
import { readRequest } from '../../../../agent/tuning/offline/read-request.ts'
import { tuneOffline } from '../../../../agent/tuning/offline/tune-offline.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { GB, machineOf } from '../recommend/some-machine.ts'

const offline = [
  '--offline',
  '--pg',
  '17',
  '--cpu',
  '16',
  '--memory',
  '64GB',
  '--disk',
  'ssd',
  '--connections',
  '300',
]

/** What it prints, and the message of the error that ends it. */
function tune(...argv: readonly string[]) {
  const lines: string[] = []
  let failure: PgherdError | undefined
  try {
    tuneOffline(
      readRequest(argv),
      (line) => void lines.push(line),
      () => machineOf({ fileSystem: 'zfs', diskClass: 'nvme' }),
    )
  } catch (error) {
    if (!(error instanceof PgherdError)) throw error
    failure = error
  }
  return { lines, failure }
}

/** The settings of a file without its comments. */
const settings = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => line !== '' && !/^(#|--)/.test(line))

test('a person gets a table with reasons, and the memory budget', () => {
  const { lines } = tune(...offline)
  expect(lines[0]).toBe('PostgreSQL 17, profile mixed, 16 processors, 64GB of memory, a local SSD')
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^shared_buffers +16GB +restart +high +25 % of 64GB, the rest is the kernel's cache/,
    ),
  )
  expect(lines).toContainEqual(
    expect.stringMatching(/^everything together +\d.*GB +\d+ % +holds: at most 85 %$/),
  )
  expect(lines.some((line) => line.startsWith('    risk: '))).toBe(false)
  const column = lines.find((line) => line.startsWith('SETTING'))!.indexOf('REASON')
  expect(lines.find((line) => line.startsWith('shared_buffers'))!.slice(column)).toMatch(/^25 % of 64GB/)
})

test('and with --format long also risk and effect of each', () => {
  const { lines } = tune(...offline, '--format', 'long')
  const at = lines.findIndex((line) => line.startsWith('shared_buffers'))
  expect(lines.slice(at + 1, at + 3)).toEqual([
    '    effect: what is used often stays in the cache of the server',
    '    risk: memory that is not there keeps the server from starting',
  ])
})

describe('for a file', () => {
  test('a configuration file has each value with its reason, and what it was made for', () => {
    const { lines } = tune(...offline, '--format', 'conf')
    expect(lines[0]).toMatch(/^# pgherd-agent \S+ tune: PostgreSQL 17, profile mixed, 16 processors/)
    expect(settings(lines)).toContain("shared_buffers = '16GB'")
    // The budget counts on it, whatever the file that includes this one has.
    expect(settings(lines)).toContain("max_connections = '300'")
    expect(settings(lines)).toContain("hash_mem_multiplier = '2'")
  })

  test('statements end with a reload, and name what waits for a restart', () => {
    const { lines } = tune(...offline, '--format', 'alter-system')
    expect(settings(lines)).toContain("ALTER SYSTEM SET shared_buffers = '16GB';")
    expect(settings(lines).at(-1)).toBe('SELECT pg_reload_conf();')
    expect(lines.at(-1)).toMatch(/^-- These wait for a restart: max_connections, shared_buffers/)
  })

  test.each([
    ['patroni', z.object({ postgresql: z.object({ parameters: z.record(z.string(), z.string()) }) })],
    ['ansible', z.object({ pg_parameters: z.record(z.string(), z.string()) })],
  ])('%s gets YAML in which every value is a text', (format, shape) => {
    const { lines } = tune(...offline, '--format', format)
    const found: unknown = shape.parse(parse(lines.join('\n')))
    const expected = { shared_buffers: '16GB', jit: 'off', autovacuum_vacuum_scale_factor: '0.1' }
    expect(found).toMatchObject(
      format === 'ansible' ? { pg_parameters: expected } : { postgresql: { parameters: expected } },
    )
  })

  test('JSON has everything', () => {
    const { lines } = tune(...offline, '--format', 'json')
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      major: 17,
      profile: 'mixed',
      machine: { processors: 16, memoryBytes: 64 * GB },
      budget: { limits: [{ holds: true }, { holds: true }, { holds: true }] },
    })
  })
})

describe('where the memory does not hold what is asked for', () => {
  const tooMany = ['--offline', '--pg', '17', '--cpu', '4', '--memory', '2GB', '--connections', '2000']

  test('no file is made of it', () => {
    const { lines, failure } = tune(...tooMany, '--format', 'conf')
    expect(lines).toEqual([])
    expect(failure).toMatchObject({ code: 'REFUSED', exit: 3 })
    expect(failure?.message).toMatch(
      /^2GB of memory do not hold 2000 connections: at most \d+ connections fit/,
    )
  })

  test('the table shows why', () => {
    const { lines, failure } = tune(...tooMany)
    expect(lines).toContainEqual(expect.stringMatching(/^everything together .*DOES NOT HOLD: at most 85 %$/))
    expect(failure?.code).toBe('REFUSED')
  })
})

test('a new cluster gets a file for the machine that is found', () => {
  const { lines } = tune('--for-new-cluster', '--pg', '18')
  expect(lines[0]).toMatch(
    /PostgreSQL 18, profile mixed, 4 processors, 16GB of memory, local NVMe of 500GB \(zfs\)$/,
  )
  expect(settings(lines)).toContain("wal_recycle = 'off'")
  expect(settings(lines)).toContain("shared_buffers = '4GB'")
})

test('options win over what is found', () => {
  const { lines } = tune('--for-new-cluster', '--pg', '18', '--memory', '32GB', '--disk', 'hdd')
  expect(settings(lines)).toContain("shared_buffers = '8GB'")
  expect(lines[0]).toContain('a rotating disk of 500GB')
})

test('--help says what everything means, and is right about the formats and profiles', () => {
  const lines: string[] = []
  expect(runTune({ argv: ['tune', '--help'], print: (line) => void lines.push(line) })).toBe(0)
  const [help] = lines
  for (const word of [
    '--offline',
    '--for-new-cluster',
    '--data-size',
    'alter-system',
    'ansible',
    'crit',
    'tiny',
  ]) {
    expect(help).toContain(word)
  }
  for (const [, example] of help!.matchAll(/^ {2}pgherd-agent tune (.*?)(?: > .*)?$/gm)) {
    expect(() => readRequest(example!.split(' ')), example).not.toThrow()
  }
})
