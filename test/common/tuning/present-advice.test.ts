import { describe, expect, test } from 'vitest'
import { advice as adviceSchema } from '../../../common/tuning/advice.ts'
import type { Advice } from '../../../common/tuning/advice.ts'
import { exportAdvice, exportFormats } from '../../../common/tuning/export/export-advice.ts'
import { presentAdvice } from '../../../common/tuning/present/present-advice.ts'
import type { Proposal } from '../../../common/tuning/proposal.ts'

const base: Proposal = {
  parameter: 'work_mem',
  current: '4MB',
  proposed: '16MB',
  reason: '120 temporary files per hour, most of them of 6MB',
  evidence: 'increase(pg_db_temp_files[1h])',
  risk: 'each sort may use it',
  needs: 'reload',
  effect: 'sorts stay in memory',
  confidence: 'medium',
  rule: 'M1',
}

const some: Advice = {
  server: 'pg-main-1',
  major: 17,
  profile: 'oltp',
  profileReason: '2 % of the time in long statements',
  hours: 168,
  proposals: [
    base,
    {
      ...base,
      parameter: 'shared_buffers',
      current: '128MB',
      proposed: '4GB',
      needs: 'restart',
      rule: 'baseline.shared_buffers',
    },
    {
      ...base,
      parameter: 'work_mem',
      proposed: '64MB',
      needs: 'per-database',
      target: 'role report',
      statement: `ALTER ROLE "report" SET work_mem = '64MB';`,
    },
    {
      ...base,
      parameter: 'autovacuum_vacuum_scale_factor',
      proposed: '0.02',
      needs: 'per-database',
      target: 'table public.orders in database the shop',
      statement: `ALTER TABLE public.orders SET (autovacuum_vacuum_scale_factor = '0.02');`,
      database: 'the shop',
      rule: 'V3',
    },
  ],
  unchanged: [{ ...base, parameter: 'jit', current: 'off', proposed: 'off', needs: 'nothing' }],
  budget: {
    memoryBytes: 16 * 1024 ** 3,
    rows: [{ what: 'shared memory', bytes: 4 * 1024 ** 3, share: 0.25, counted: 'shared_buffers 4GB' }],
    limits: [
      { what: 'everything together', bytes: 12 * 1024 ** 3, share: 0.75, atMost: 0.85, holds: true },
      { what: 'shared memory', bytes: 8 * 1024 ** 3, share: 0.5, atMost: 0.45, holds: false },
    ],
  },
  pooler: [
    {
      ...base,
      parameter: 'default_pool_size',
      current: '20',
      proposed: '25',
      rule: 'pooler.default_pool_size',
    },
  ],
  kernel: [
    { ...base, parameter: 'vm.swappiness', current: '60', proposed: '10', rule: 'kernel.swappiness' },
    {
      ...base,
      parameter: 'transparent_hugepage/enabled',
      statement: 'echo madvise > /sys/x',
      rule: 'kernel.enabled',
    },
  ],
  notes: ['slot old keeps 12GB of WAL'],
}

const present = (isLong: boolean, width: number, of: Partial<Advice> = {}) =>
  presentAdvice({ ...some, ...of }, { isLong, width })

test('a person sees what it is based on, then what the load shows before what follows from the machine', () => {
  const lines = present(false, Infinity)
  expect(lines[0]).toBe(
    'pg-main-1: PostgreSQL 17, profile oltp (2 % of the time in long statements), 7 days of history',
  )
  const at = (title: string): number => lines.indexOf(title)
  expect(at('What its load shows:')).toBeGreaterThan(0)
  expect(at('What follows from its machine:')).toBeGreaterThan(at('What its load shows:'))
  expect(lines.filter((line) => line.startsWith('shared_buffers'))).toHaveLength(1)
  expect(lines).toContainEqual(
    expect.stringMatching(/^work_mem +4MB +16MB +reload +medium +M1 +120 temporary files per hour/),
  )
  expect(lines).toContainEqual(expect.stringMatching(/^work_mem \(role report\) +4MB +64MB +per-database/))
  expect(lines).toContainEqual(
    expect.stringMatching(/^shared memory +8GB +50 % +DOES NOT HOLD: at most 45 %$/),
  )
  expect(lines).toContain('Left as they are: jit off')
  expect(lines).toContain('default_pool_size = 25')
  expect(lines).toContain('vm.swappiness = 10')
  expect(lines).toContain('echo madvise > /sys/x')
  expect(lines.at(-1)).toBe('Note: slot old keeps 12GB of WAL.')
})

test.each([80, 100, 140])(
  'no line is longer than a terminal of %d columns, but for cells that cannot be broken',
  (width) => {
    const short = { ...some, proposals: some.proposals.slice(0, 2) }
    const lines = presentAdvice(short, { isLong: false, width })
    expect(lines.filter((line) => line.length > width)).toEqual([])
  },
)

test('the long form has evidence, effect, risk and the statement of each', () => {
  const lines = present(true, 100)
  const at = lines.indexOf('work_mem (role report): 4MB -> 64MB (per-database, confidence medium, M1)')
  expect(lines.slice(at + 1, at + 6)).toEqual([
    '    reason    120 temporary files per hour, most of them of 6MB',
    '    evidence  increase(pg_db_temp_files[1h])',
    '    effect    sorts stay in memory',
    '    risk      each sort may use it',
    `    by        ALTER ROLE "report" SET work_mem = '64MB';`,
  ])
})

test('an advice of nothing says so, and one without history that it is of the machine', () => {
  const lines = present(false, Infinity, { proposals: [], hours: 0, pooler: [], kernel: [] })
  expect(lines[0]).toContain('no history yet: what follows from the machine alone')
  expect(lines).toContain('Nothing is to be changed on the server.')
})

describe('exported', () => {
  test('a file has what is for the whole server, and the rest as comments', () => {
    const lines = exportAdvice(some, 'conf')
    const settings = lines.filter((line) => line !== '' && !line.startsWith('#'))
    expect(settings).toEqual(["work_mem = '16MB'", "shared_buffers = '4GB'"])
    expect(lines).toContain(`# ALTER ROLE "report" SET work_mem = '64MB';`)
  })

  test('statements reach each database in which they have to be run, after those for the server', () => {
    const lines = exportAdvice(some, 'alter-system').filter((line) => line !== '' && !line.startsWith('--'))
    expect(lines).toEqual([
      "ALTER SYSTEM SET work_mem = '16MB';",
      "ALTER SYSTEM SET shared_buffers = '4GB';",
      'SELECT pg_reload_conf();',
      `ALTER ROLE "report" SET work_mem = '64MB';`,
      "\\connect 'the shop'",
      `ALTER TABLE public.orders SET (autovacuum_vacuum_scale_factor = '0.02');`,
    ])
  })

  test.each(['patroni', 'ansible'] as const)('%s has no setting of a role', (format) => {
    const lines = exportAdvice(some, format).filter((line) => !line.startsWith('#'))
    expect(lines.filter((line) => line.includes('work_mem'))).toHaveLength(1)
  })

  test('an advice of nothing is an empty mapping', () => {
    const none = { ...some, proposals: [], notes: [] }
    expect(exportAdvice(none, 'patroni').slice(-2)).toEqual(['postgresql:', '  parameters: {}'])
    expect(exportAdvice(none, 'ansible').at(-1)).toBe('pg_parameters: {}')
  })

  test('pgBouncer and the kernel have files of their own', () => {
    expect(exportAdvice(some, 'pgbouncer')).toContain('default_pool_size = 25')
    expect(exportAdvice(some, 'sysctl')).toContain('vm.swappiness = 10')
  })

  test('no text of an advice becomes a line of a file', () => {
    const evil = 'a query\nshared_preload_libraries = evil\n; drop table x'
    const proposals = some.proposals.map((one) => ({ ...one, reason: evil }))
    for (const format of exportFormats.filter((one) => one !== 'json')) {
      const lines = exportAdvice({ ...some, proposals, notes: [evil] }, format)
      expect(
        lines
          .join('\n')
          .split('\n')
          .filter((line) => /^\W*(?:shared_preload|; drop)/.test(line)),
        format,
      ).toEqual([])
    }
  })

  test('JSON is the advice itself', () => {
    expect(adviceSchema.parse(JSON.parse(exportAdvice(some, 'json').join('')))).toEqual(some)
  })
})
