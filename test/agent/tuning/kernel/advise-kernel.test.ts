import { describe, expect, test } from 'vitest'
import { adviseKernel } from '../../../../agent/tuning/kernel/advise-kernel.ts'
import type { KernelInput } from '../../../../agent/tuning/kernel/kernel-input.ts'
import type { HostFacts } from '../../../../agent/tuning/detect/host-facts.ts'
import type { Load } from '../../../../agent/tuning/recommend/load.ts'
import { kernelLines } from '../../../../common/tuning/export/kernel-lines.ts'
import { quietHost } from '../observed-server.ts'
import { GB, machineOf, MB } from '../recommend/some-machine.ts'

const load: Load = {
  memoryBytes: 64 * GB,
  profile: 'oltp',
  connections: 200,
  active: 16,
  parallelWorkers: 8,
  vacuumWorkers: 3,
  locksPerTransaction: 64,
  preparedTransactions: 0,
  walBufferBytes: 16 * MB,
}
const sizes = { sharedBuffers: 16 * GB, workMem: 16 * MB, maintenance: GB, autovacuum: 256 * MB }
const exact = { pages: 8442, isExact: true, mode: 'try', ownNow: 0, why: '' }

/** Of a host with 64 GB that is as it should be but for what is told. */
function kernel(host: Partial<HostFacts> = {}, other: Partial<KernelInput> = {}) {
  const answer = adviseKernel({
    host: { ...quietHost, hugePages: { total: 9000, free: 9000, pageBytes: 2 * MB }, ...host },
    machine: machineOf({ memoryBytes: 64 * GB, diskClass: 'nvme' }),
    outcome: { load, sizes },
    worstCaseBytes: 30 * GB,
    pages: exact,
    hasPooler: false,
    ...other,
  })
  return {
    ...answer,
    values: Object.fromEntries(answer.proposals.map(({ parameter, proposed }) => [parameter, proposed])),
  }
}

const sysctls = (values: Readonly<Record<string, string>>) => ({ sysctls: new Map(Object.entries(values)) })

test('nothing is proposed of a host that is as it should be, nor of settings that its kernel does not have', () => {
  expect(kernel()).toMatchObject({ proposals: [], notes: [] })
})

test('in a container only that it is one', () => {
  const { proposals, notes } = kernel({
    ...sysctls({ 'vm.swappiness': '60' }),
    isContainer: true,
    transparentHugePages: 'always',
  })
  expect(proposals).toEqual([])
  expect(notes).toEqual([expect.stringContaining('in a container') as string])
})

test('each proposal has its line for a file, or its command', () => {
  const { proposals } = kernel({ ...sysctls({ 'vm.swappiness': '60' }), transparentHugePages: 'always' })
  expect(kernelLines(proposals)).toEqual([
    '# /etc/sysctl.d/60-pgherd.conf; then: sysctl --system',
    'vm.swappiness = 10',
    '# as root',
    'echo madvise > /sys/kernel/mm/transparent_hugepage/enabled',
  ])
  expect(proposals.find(({ parameter }) => parameter === 'vm.swappiness')).toMatchObject({
    current: '60',
    needs: 'reload',
    rule: 'kernel.swappiness',
  })
})

describe('huge pages', () => {
  const none = { hugePages: { total: 0, free: 0, pageBytes: 2 * MB } }
  const pagesOf = (host: Partial<HostFacts>, other: Partial<KernelInput> = {}) =>
    kernel(host, other).values['vm.nr_hugepages']

  test('are exactly as many as PostgreSQL says, and with a note of the order of work', () => {
    const { proposals, notes } = kernel(none)
    expect(proposals).toMatchObject([
      { parameter: 'vm.nr_hugepages', current: '0', proposed: '8442', needs: 'restart', confidence: 'high' },
    ])
    expect(notes[0]).toMatch(/^huge pages, in this order: .*8442.*HugePages_Free.*restart PostgreSQL/)
  })

  test('one short is as good as none, and enough is enough', () => {
    const has = (total: number, free: number) => ({ hugePages: { total, free, pageBytes: 2 * MB } })
    expect([pagesOf(has(8441, 8441)), pagesOf(has(8442, 8442))]).toEqual(['8442', undefined])
  })

  test('what others use stays theirs, and what the server has it gives back', () => {
    const has = { hugePages: { total: 5000, free: 0, pageBytes: 2 * MB } }
    expect(pagesOf(has)).toBe('13442')
    expect(pagesOf(has, { pages: { ...exact, ownNow: 4000 } })).toBe('9442')
  })

  test.each([
    ['8 GB of shared_buffers', 8 * GB, 20, true],
    ['less, with few connections', 7 * GB, 20, false],
    ['less, with page tables of more than 2 % of the memory', 4 * GB, 400, true],
    ['less than 2 GB, whatever the connections', 1.9 * GB, 4000, false],
  ])('%s', (_what, sharedBuffers, connections, isProposed) => {
    const outcome = { load: { ...load, connections }, sizes: { ...sizes, sharedBuffers } }
    expect(pagesOf(none, { outcome }) !== undefined).toBe(isProposed)
  })

  test('are not proposed where nobody knows how many, or they would be most of the memory', () => {
    const unknown = { pages: { ...exact, pages: null, why: 'the server is elsewhere' } }
    expect(kernel(none, unknown)).toMatchObject({
      proposals: [],
      notes: ['how many huge pages the server takes is not known: the server is elsewhere'],
    })
    const { proposals, notes } = kernel(none, { pages: { ...exact, pages: 24_000 } })
    expect(proposals).toEqual([])
    expect(notes[0]).toMatch(/^24000 huge pages are 73 % of the memory/)
  })

  test('nor where they are switched off', () => {
    expect(pagesOf(none, { pages: { ...exact, mode: 'off' } })).toBeUndefined()
  })
})

describe('what was written and is kept in memory', () => {
  const ratios = sysctls({
    'vm.dirty_background_bytes': '0',
    'vm.dirty_background_ratio': '10',
    'vm.dirty_bytes': '0',
    'vm.dirty_ratio': '20',
  })

  test.each([
    ['nvme', 256 * MB, GB],
    ['hdd', 64 * MB, 256 * MB],
  ] as const)(
    'is bounded in bytes from 16 GB of memory on, by the disk (%s)',
    (diskClass, background, most) => {
      const machine = machineOf({ memoryBytes: 64 * GB, diskClass })
      expect(kernel(ratios, { machine }).values).toEqual({
        'vm.dirty_background_bytes': String(background),
        'vm.dirty_bytes': String(most),
      })
    },
  )

  test('and in shares below', () => {
    const host = { memoryTotalBytes: 8 * GB, memoryAvailableBytes: 6 * GB, hugePages: null }
    expect(kernel({ ...ratios, ...host }).values).toEqual({
      'vm.dirty_background_ratio': '3',
      'vm.dirty_ratio': '10',
    })
  })

  test('is left where it is about right', () => {
    expect(
      kernel(
        sysctls({
          'vm.dirty_background_bytes': String(512 * MB),
          'vm.dirty_background_ratio': '0',
          'vm.dirty_bytes': String(2 * GB),
          'vm.dirty_ratio': '0',
        }),
      ).values,
    ).toEqual({})
  })
})

describe('strict overcommit', () => {
  const now = sysctls({ 'vm.overcommit_memory': '0', 'vm.overcommit_ratio': '50' })

  test('is only offered on a host that is the server’s own, with low confidence', () => {
    const { proposals, values } = kernel({ ...now, hugePages: null })
    expect(values).toEqual({ 'vm.overcommit_memory': '2', 'vm.overcommit_ratio': '80' })
    expect(proposals[0]!.confidence).toBe('low')
  })

  test.each([
    ['others take a part of the memory', { otherProcessesBytes: 12 * GB }, {}],
    ['nobody knows what others take', { otherProcessesBytes: null }, {}],
    ['more is promised than would be', { committedBytes: 50 * GB }, {}],
    ['the server may take more', {}, { worstCaseBytes: 60 * GB }],
  ])('not where %s: then the postmaster is protected', (_why, host, other) => {
    const { values, notes } = kernel({ ...now, hugePages: null, ...host }, other)
    expect(values).toEqual({})
    expect(notes[0]).toContain('OOMScoreAdjust=-900')
  })
})

test('NUMA settings only matter where there are several nodes', () => {
  const wrong = sysctls({ 'vm.zone_reclaim_mode': '1', 'kernel.numa_balancing': '1' })
  expect(kernel({ ...wrong, numaNodes: 2 }).values).toEqual({
    'vm.zone_reclaim_mode': '0',
    'kernel.numa_balancing': '0',
  })
  expect(kernel({ ...wrong, numaNodes: 1 }).values).toEqual({})
})

test.each([
  ['net.core.somaxconn', '128', '1024'],
  ['net.ipv4.tcp_keepalive_time', '7200', '60'],
  ['net.ipv4.tcp_syncookies', '0', '1'],
  ['fs.file-max', '50000', '65536'],
  ['kernel.sched_autogroup_enabled', '1', '0'],
])('%s of %s becomes %s', (name, now, then) => {
  expect(kernel(sysctls({ [name]: now })).values).toEqual({ [name]: then })
  expect(kernel(sysctls({ [name]: then })).values).toEqual({})
})

test('a pooler needs room for more connections that wait', () => {
  expect(kernel(sysctls({ 'net.core.somaxconn': '1024' }), { hasPooler: true }).values).toEqual({
    'net.core.somaxconn': '4096',
  })
})

test('a disk that orders requests itself needs no scheduler, and large scans want to be read ahead', () => {
  const disk = { model: null, scheduler: 'mq-deadline', readAheadBytes: 128 * 1024 }
  const disks = [
    { ...disk, name: 'nvme0n1' },
    { ...disk, name: 'sda' },
  ]
  expect(kernel({ disks }).values).toEqual({ 'nvme0n1/scheduler': 'none' })
  const olap = kernel({ disks }, { outcome: { load: { ...load, profile: 'olap' }, sizes } })
  expect(olap.values).toMatchObject({ 'sda/read_ahead_kb': '4MB' })
})

test('what only the host’s owner can judge is told', () => {
  const { proposals, notes } = kernel({
    clockSource: 'hpet',
    frequencyGovernor: 'powersave',
    openFileLimit: 512,
  })
  expect(proposals).toEqual([])
  expect(notes.join('\n')).toMatch(/hpet[^]*powersave[^]*LimitNOFILE=65536/)
})
