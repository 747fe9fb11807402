import { describe, expect, test } from 'vitest'
import { settingValue } from '../../../../agent/postgres/setting-value.ts'
import { rules as allRules } from '../../../../agent/tuning/rules/rules.ts'
import { advised, evidenceOf, ruleOf, runningSituation, wish } from './advised-server.ts'

const hourMs = 3_600_000
const nowMs = 1_800_000_000_000

describe('a setting rests after a change', () => {
  test.each([
    ['max_wal_size', '2GB', 23, false],
    ['max_wal_size', '2GB', 24, true],
    ['wal_buffers', '32MB', 24 * 7 - 1, false],
    ['wal_buffers', '32MB', 24 * 7, true],
  ])('%s to %s, %d h ago: proposed %s', (name, value, hours, isProposed) => {
    const { proposal, notes } = advised([ruleOf('W1', [wish(name, value)])], {
      situation: runningSituation({ wal_buffers: '2048' }),
      changes: [{ name, atMs: nowMs - hours * hourMs }],
    })
    expect(proposal(name) !== undefined).toBe(isProposed)
    expect(notes.some((note) => note.startsWith(`${name} was changed ${hours} h ago`))).toBe(!isProposed)
  })
})

test('after a whole advice was applied, the next one says nothing of what is as it should be', () => {
  const before = advised([])
  const settings = new Map(runningSituation().server.settings)
  for (const { parameter, proposed } of before.proposals) {
    const setting = settings.get(parameter)!
    settings.set(parameter, { ...setting, value: settingValue(proposed, setting), isSet: true })
  }
  const situation = runningSituation({}, { settings })
  const changes = before.proposals.map(({ parameter }) => ({ name: parameter, atMs: nowMs - hourMs }))
  expect(before.proposals.length).toBeGreaterThan(15)
  expect(advised([], { situation, changes })).toMatchObject({ proposals: [], notes: [] })
})

describe('how long something has to be seen', () => {
  const rule = ruleOf('W1', [wish('max_wal_size', '2GB')])
  const confidence = (hours: number) => advised([rule], { hours }).proposal('max_wal_size')?.confidence

  test('less than a day gives low confidence', () => {
    expect([confidence(23.9), confidence(24)]).toEqual(['low', 'high'])
  })

  test('from two days on the newer half has to see it as well', () => {
    const once = ruleOf('W1', [wish('max_wal_size', '2GB')], { seen: ({ hours }) => hours >= 40 })
    const { proposal, notes } = advised([once], { hours: 48 })
    expect(proposal('max_wal_size')!.rule).toBe('baseline.max_wal_size')
    expect(notes).toContain('W1 (made up) was seen before, and no more in the newer half of 48 h')
    expect(advised([once], { hours: 47 }).proposal('max_wal_size')!.rule).toBe('W1')
  })

  test('but not where half of the window cannot say it', () => {
    const whole = { ...ruleOf('C2', [], { notes: ['hardly used'], seen: ({ hours }) => hours >= 720 }) }
    expect(advised([whole], { hours: 740 }).notes).toEqual([
      'C2 (made up) was seen before, and no more in the newer half of 740 h',
    ])
    expect(advised([{ ...whole, isOfWholeWindow: true }], { hours: 740 }).notes).toEqual(['hardly used'])
  })

  test('a rule that says the opposite of the newer half says nothing', () => {
    const turns = {
      ...rule,
      advise: (input: Parameters<typeof rule.advise>[0]) =>
        ruleOf('W1', [wish('max_wal_size', input.evidence.hours > 100 ? '2GB' : '512MB')]).advise(input),
    }
    const { proposal, notes } = advised([turns])
    expect(proposal('max_wal_size')!.rule).toBe('baseline.max_wal_size')
    expect(notes.some((note) => note.startsWith('W1 says another thing of max_wal_size'))).toBe(true)
  })
})

describe('one advice is one step', () => {
  test.each([
    ['work_mem', { work_mem: '20480' }, '256MB', '40MB'],
    ['work_mem', { work_mem: '65536' }, '4MB', '32MB'],
    ['max_wal_size', { max_wal_size: '1024' }, '30GB', '4GB'],
    ['wal_buffers', { wal_buffers: '2048' }, '128MB', '32MB'],
    ['max_connections', { max_connections: '100' }, '20', '50'],
  ])('%s of %o to %s: %s', (name, set, wanted, step) => {
    const situation = runningSituation(set)
    const { proposal } = advised([ruleOf('X1', [wish(name, wanted)])], { situation })
    expect(proposal(name)).toMatchObject({ proposed: step, rule: 'X1' })
    expect(proposal(name)!.reason).toContain(`${wanted} in more than one step`)
  })

  test('two times as much is one', () => {
    const { proposal } = advised([ruleOf('X1', [wish('wal_buffers', '32MB')])], {
      situation: runningSituation({ wal_buffers: '2048' }),
    })
    expect(proposal('wal_buffers')!.reason).not.toContain('step')
  })
})

describe('the memory budget is that of the outcome', () => {
  test('a raise that does not fit makes work_mem smaller, and says so', () => {
    const situation = runningSituation({ work_mem: '65536', shared_buffers: '524288' })
    const { proposal, budget } = advised([ruleOf('C1', [wish('max_connections', '200')])], { situation })
    expect(proposal('max_connections')).toMatchObject({ proposed: '200' })
    expect(proposal('work_mem')!.reason).toContain('do not fit into the memory budget')
    expect(budget.limits.every(({ holds }) => holds)).toBe(true)
    expect(budget.rows.find(({ what }) => what === 'connections')!.counted).toContain('200 connections')
  })

  test('a raise for which nothing can be made smaller is left out, and it is said', () => {
    const base = runningSituation({ max_connections: '3000' })
    const { proposal, notes } = advised([ruleOf('C1', [wish('max_connections', '6000')])], {
      situation: base,
    })
    expect(proposal('max_connections')).toBeUndefined()
    expect(notes).toContain('max_connections stays: 6000 (C1) do not fit into 16GB of memory')
  })

  test('a value of hash_mem_multiplier and those that decode WAL count', () => {
    const settings = new Map(runningSituation().server.settings)
    settings.set('logical_decoding_work_mem', { ...settings.get('work_mem')!, value: '65536' })
    const situation = runningSituation({}, { settings })
    const history = { evidence: evidenceOf(100, { 'decoding.active': 4 }), newerHalf: undefined }
    const { budget } = advised([ruleOf('M1', [wish('hash_mem_multiplier', '3')])], { situation, history })
    expect(budget.rows.find(({ what }) => what === 'queries')!.counted).toContain('hashes with 3 times')
    expect(budget.rows.find(({ what }) => what === 'logical decoding')!.bytes).toBe(256 * 1024 ** 2)
  })

  test('values that depend on each other agree, whoever made them', () => {
    const { proposal } = advised([ruleOf('W1', [wish('max_wal_size', '1536MB')])])
    expect(proposal('min_wal_size')).toMatchObject({ proposed: '768MB' })
    expect(proposal('min_wal_size')!.reason).toContain('half of max_wal_size is the most that is useful')
  })
})

describe('wal_buffers that a rule wants', () => {
  // 512kB, as PostgreSQL takes with 16MB of shared_buffers.
  const settings = new Map(runningSituation({ shared_buffers: '2048' }).server.settings)
  settings.set('wal_buffers', { ...settings.get('wal_buffers')!, value: '64', isSet: false })
  const situation = runningSituation({}, { settings })

  test('are left to PostgreSQL where it takes more by itself with the shared_buffers that are proposed', () => {
    const { proposal, unchangedOf } = advised([ruleOf('W4', [wish('wal_buffers', '1MB')])], { situation })
    expect(proposal('shared_buffers')).toMatchObject({ proposed: '4GB' })
    expect(proposal('wal_buffers')).toBeUndefined()
    expect(unchangedOf('wal_buffers')!.reason).toContain('PostgreSQL itself takes 16MB')
  })

  test('are proposed where it does not', () => {
    const small = new Map(settings)
    small.set('shared_buffers', { ...settings.get('shared_buffers')!, value: '16384' })
    small.set('wal_buffers', { ...settings.get('wal_buffers')!, value: '512' })
    const other = runningSituation({}, { settings: small, databaseBytes: 1024 ** 2 })
    const { proposal } = advised([ruleOf('W4', [wish('wal_buffers', '8MB')])], { situation: other })
    expect(proposal('wal_buffers')).toMatchObject({ proposed: '8MB', rule: 'W4' })
  })
})

describe('what is meant for a part of the server', () => {
  const scoped = (
    scope: NonNullable<Parameters<typeof wish>[2]>['scope'],
    name = 'work_mem',
    value = '64MB',
  ) =>
    advised([ruleOf('M1', [wish(name, value, { scope: scope! })])]).proposals.find(
      ({ rule }) => rule === 'M1',
    )

  test.each([
    [{ role: 'Report' }, 'role Report', `ALTER ROLE "Report" SET work_mem = '8MB';`],
    [{ database: 'shop' }, 'database shop', `ALTER DATABASE "shop" SET work_mem = '8MB';`],
    [
      { role: 'app', database: 'shop' },
      'role app in database shop',
      `ALTER ROLE "app" IN DATABASE "shop" SET work_mem = '8MB';`,
    ],
  ])('%o has its statement', (scope, target, statement) => {
    expect(scoped(scope, 'work_mem', '8MB')).toMatchObject({ needs: 'per-database', target, statement })
  })

  test('of a table it is run in its database', () => {
    const table = scoped(
      { table: 'public."Orders"', database: 'shop' },
      'autovacuum_vacuum_scale_factor',
      '0.02',
    )
    expect(table).toMatchObject({
      target: 'table public."Orders" in database shop',
      statement: `ALTER TABLE public."Orders" SET (autovacuum_vacuum_scale_factor = '0.02');`,
      database: 'shop',
    })
  })
})

describe('nothing is proposed', () => {
  test.each([
    ['that weakens durability', 'fsync', 'off'],
    ['that is no setting of tuning', 'archive_command', 'true'],
    ['that this server does not have', 'io_workers', '8'],
    ['beyond what the server takes', 'max_parallel_workers', '5000'],
    ['that is no value of it', 'wal_compression', 'lz4'],
  ])('%s: %s = %s', (_why, name, value) => {
    const settings = new Map(runningSituation({ max_parallel_workers: '4000' }).server.settings)
    for (const other of ['fsync', 'archive_command']) settings.set(other, settings.get('jit')!)
    const situation = runningSituation({}, { settings })
    const { proposals } = advised([ruleOf('X1', [wish(name, value)])], { situation })
    expect(proposals.filter(({ rule }) => rule === 'X1')).toEqual([])
  })
})

test('who keeps the settings is said first', () => {
  const owner = {
    kind: 'rds',
    name: 'Amazon RDS',
    signs: ['role rdsadmin'],
    how: 'they are changed in its parameter group',
    notes: ['a static parameter takes a reboot of the instance'],
    mayApply: false,
  } as const
  expect(advised([], { owner }).notes.slice(0, 2)).toEqual([
    'Amazon RDS keeps the settings of this server, so that this agent does not change them: they are changed in its parameter group',
    'a static parameter takes a reboot of the instance',
  ])
})

test('all real rules together say nothing of a server of which nothing is known', () => {
  const { proposals } = advised(allRules)
  expect(proposals.every(({ rule }) => rule.startsWith('baseline.') || rule === 'O1')).toBe(true)
})
