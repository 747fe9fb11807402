import { describe, expect, test } from 'vitest'
import { diskClasses, profiles } from '../../../../agent/tuning/recommend/machine.ts'
import { plannedMajors, plannedServer } from '../../../../agent/tuning/recommend/planned-server.ts'
import { recommend } from '../../../../agent/tuning/recommend/recommend.ts'
import type { Recommendation } from '../../../../agent/tuning/recommend/recommend.ts'
import type { Situation } from '../../../../agent/tuning/recommend/situation.ts'
import { budgetHolds } from '../../../../common/tuning/memory-budget.ts'
import { readReferenceMachines, situationOf } from '../../../../docs/tuning/reference-machines.ts'
import { bytesOf, GB, machineOf, MB, situationFor } from './some-machine.ts'

const machines = readReferenceMachines()
const valueOf = ({ proposals, unchanged }: Recommendation, name: string): string | undefined =>
  [...proposals, ...unchanged].find(({ parameter }) => parameter === name)?.proposed

/** Every combination of what a machine and a server can be, in steps. */
function* manySituations(): Generator<Situation> {
  const memories = [512 * MB, GB, 3 * GB, 15.6 * GB, 64 * GB, 511 * GB, 2048 * GB]
  for (const memoryBytes of memories) {
    for (const processors of [1, 2, 3, 8, 32, 96]) {
      for (const profile of profiles) {
        for (const [index, diskClass] of diskClasses.entries()) {
          const major = plannedMajors[index]!
          const machine = machineOf({ memoryBytes, processors, diskClass, dataDiskBytes: 40 * GB })
          for (const connections of [null, 50]) yield situationFor({ machine, profile, connections, major })
        }
      }
    }
  }
}

describe.each(machines)('$name', (reference) => {
  test('the memory holds its baseline with every major version', () => {
    for (const major of plannedMajors) {
      const { budget } = recommend(situationOf(reference, { major }))
      expect(
        budget.limits.filter(({ holds }) => !holds),
        `PostgreSQL ${major}`,
      ).toEqual([])
    }
  })
})

test('whatever the machine, the memory holds its baseline, or it is said that it does not', () => {
  for (const situation of manySituations()) {
    const { budget, notes } = recommend(situation)
    if (!budgetHolds(budget)) expect(notes[0], JSON.stringify(situation.machine)).toContain('do not hold')
  }
})

test('whatever the machine, the values agree with each other', () => {
  for (const situation of manySituations()) {
    const answer = recommend(situation)
    const value = (name: string): string => valueOf(answer, name)!
    const { memoryBytes } = situation.machine
    expect(Number(value('max_parallel_workers'))).toBeLessThanOrEqual(Number(value('max_worker_processes')))
    expect(2 * bytesOf(value('min_wal_size'))).toBeLessThanOrEqual(bytesOf(value('max_wal_size')))
    // Two segments are the least with which a server starts.
    expect(bytesOf(value('min_wal_size'))).toBeGreaterThanOrEqual(32 * MB)
    expect(bytesOf(value('max_wal_size'))).toBeLessThanOrEqual(4 * GB)
    expect(bytesOf(value('shared_buffers'))).toBeLessThanOrEqual(0.4 * memoryBytes)
    expect(bytesOf(value('autovacuum_work_mem'))).toBeLessThanOrEqual(bytesOf(value('maintenance_work_mem')))
    expect(bytesOf(value('work_mem'))).toBeGreaterThanOrEqual(4 * MB)
  }
})

test.each([
  [1, '0'],
  [2, '1'],
  [4, '2'],
  [16, '8'],
  [64, '16'],
])('of %i processors a large query has half beside the one of its session', (processors, workers) => {
  const machine = machineOf({ processors })
  const answer = recommend(situationFor({ machine, profile: 'olap', connections: null, major: 17 }))
  expect(valueOf(answer, 'max_parallel_workers_per_gather')).toBe(workers)
})

test('nothing that weakens durability, opens the server or moves its data is ever proposed', () => {
  const never =
    /^(fsync|full_page_writes|synchronous_commit|wal_level|archive_|listen_|port$|ssl|password|data_|hba_|ident_|.*checksum|zero_damaged|ignore_|lc_|timezone|allow_alter_system|primary_conninfo|synchronous_standby|restart_after_crash)/
  for (const situation of manySituations()) {
    const { proposals } = recommend(situation)
    expect(proposals.map(({ parameter }) => parameter).filter((name) => never.test(name))).toEqual([])
  }
})

test('each value says what it is made of, what can go wrong, what it takes and what it brings', () => {
  for (const reference of machines) {
    for (const proposal of recommend(situationOf(reference)).proposals) {
      for (const text of [proposal.reason, proposal.risk, proposal.effect, proposal.evidence]) {
        expect(text.length, proposal.parameter).toBeGreaterThan(3)
      }
      expect(proposal).toMatchObject({ current: null, rule: `baseline.${proposal.parameter}` })
      expect(['reload', 'restart']).toContain(proposal.needs)
    }
  }
})

test('the connections that are too many for the memory are told, with how many fit', () => {
  const machine = machineOf({ memoryBytes: 2 * GB, processors: 4 })
  const { notes } = recommend(situationFor({ machine, connections: 2000 }))
  const [, most] = /at most (\d+) connections fit/.exec(notes[0]!) ?? []
  expect(budgetHolds(recommend(situationFor({ machine, connections: Number(most) })).budget)).toBe(true)
  expect(budgetHolds(recommend(situationFor({ machine, connections: Number(most) + 1 })).budget)).toBe(false)
})

test('where nobody says how many connections there are to be, as many are chosen as fit', () => {
  const machine = machineOf({ memoryBytes: 512 * MB, processors: 1 })
  const answer = recommend(situationFor({ machine, profile: 'oltp' }))
  expect(budgetHolds(answer.budget)).toBe(true)
  expect(answer.proposals.find(({ parameter }) => parameter === 'max_connections')).toMatchObject({
    proposed: '32',
    reason: 'no more fit into 512MB',
  })
})

describe('what does not fit is made smaller in this order', () => {
  const sizes = (connections: number, memoryBytes = 4 * GB) => {
    const machine = machineOf({ memoryBytes, processors: 8 })
    const answer = recommend(situationFor({ machine, connections }))
    return ['work_mem', 'maintenance_work_mem', 'shared_buffers'].map((name) => valueOf(answer, name))
  }

  test('work_mem alone as long as that is enough', () => {
    expect(sizes(100)).toEqual(['12MB', '256MB', '1GB'])
    expect(sizes(250)).toEqual(['4MB', '256MB', '1GB'])
  })

  test('then what maintenance may use, then shared_buffers', () => {
    const [workMem, maintenance, sharedBuffers] = sizes(500)
    expect([workMem, maintenance]).toEqual(['4MB', '16MB'])
    expect(bytesOf(sharedBuffers!)).toBeLessThan(GB)
  })
})

test('the share of a disk that WAL may take', () => {
  const wal = (dataDiskBytes: number | null, walDiskBytes: number | null = null) =>
    valueOf(
      recommend(situationFor({ machine: machineOf({ dataDiskBytes, walDiskBytes }), profile: 'oltp' })),
      'max_wal_size',
    )
  expect(wal(null)).toBe('8GB')
  expect(wal(1000 * GB)).toBe('8GB')
  expect(wal(40 * GB)).toBe('4GB')
  expect(wal(40 * GB, 6 * GB)).toBe('3GB')
  expect(wal(5 * GB)).toBe('1GB')
  expect(wal(GB)).toBe('256MB')
})

test('a file system that copies on write gets no old segments', () => {
  const zfs = recommend(situationFor({ machine: machineOf({ fileSystem: 'zfs' }) }))
  expect([valueOf(zfs, 'wal_recycle'), valueOf(zfs, 'wal_init_zero')]).toEqual(['off', 'off'])
  expect(valueOf(recommend(situationFor({})), 'wal_recycle')).toBeUndefined()
})

test('data that fits into the cache has no larger cache, and its random pages cost little', () => {
  const server = plannedServer(17, { databaseBytes: 2 * GB, hasLz4: false })
  const answer = recommend({ ...situationFor({}), server })
  expect([valueOf(answer, 'shared_buffers'), valueOf(answer, 'random_page_cost')]).toEqual(['2240MB', '1.1'])
})

test('huge pages that are already there need no note', () => {
  const notes = (freeHugePageBytes: number | null) =>
    recommend(situationFor({ machine: machineOf({ memoryBytes: 64 * GB, freeHugePageBytes }) })).notes.filter(
      (note) => note.includes('vm.nr_hugepages'),
    )
  expect(notes(null)).toHaveLength(1)
  expect(notes(0)).toHaveLength(1)
  expect(notes(17 * GB)).toEqual([])
})

describe('what a version does not have', () => {
  const names = (major: number): ReadonlySet<string> =>
    new Set(recommend(situationFor({ major })).proposals.map(({ parameter }) => parameter))

  test('is not proposed to it', () => {
    expect(names(17)).not.toContain('track_cost_delay_timing')
    expect(names(18)).toContain('track_cost_delay_timing')
  })

  test('nor what only its build has, until somebody says so', () => {
    const compression = (hasLz4: boolean, major: number) =>
      valueOf(
        recommend({
          ...situationFor({}),
          server: plannedServer(major, { databaseBytes: null, hasLz4 }),
        }),
        'wal_compression',
      )
    expect([compression(false, 17), compression(true, 17), compression(true, 14)]).toEqual([
      'off',
      'lz4',
      'off',
    ])
  })

  test('and a new major that takes a change without a restart is told so', () => {
    const needs = (major: number) =>
      recommend(situationFor({ major, machine: machineOf({ processors: 16 }) })).proposals.find(
        ({ parameter }) => parameter === 'autovacuum_max_workers',
      )?.needs
    expect([needs(17), needs(18)]).toEqual(['restart', 'reload'])
  })
})
