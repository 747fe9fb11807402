import { describe, expect, test } from 'vitest'
import { settingValue } from '../../../../agent/postgres/setting-value.ts'
import { rules as allRules } from '../../../../agent/tuning/rules/rules.ts'
import { advised, evidenceOf, ruleOf, runningSituation, wish } from './advised-server.ts'

const hourMs = 3_600_000
const nowMs = 1_800_000_000_000

describe('without history', () => {
  test('it is the baseline, and no rule is asked', () => {
    const { proposals, proposal, notes } = advised([ruleOf('W1', [wish('max_wal_size', '3GB')])], {
      hours: 0,
    })
    expect(proposal('max_wal_size')).toMatchObject({ proposed: '8GB', rule: 'baseline.max_wal_size' })
    expect(proposals.every(({ rule }) => rule.startsWith('baseline.'))).toBe(true)
    expect(notes).toEqual([])
  })
})

describe('a rule and the baseline on one setting', () => {
  test('what the rule has measured replaces what the machine gives, and the reason says both', () => {
    const { proposals, proposal } = advised([ruleOf('W1', [wish('max_wal_size', '3GB')])])
    expect(proposals.filter(({ parameter }) => parameter === 'max_wal_size')).toHaveLength(1)
    expect(proposal('max_wal_size')).toMatchObject({
      current: '1GB',
      proposed: '3GB',
      needs: 'reload',
      rule: 'W1',
      reason: 'W1 has seen it; the machine alone would give 8GB',
    })
  })

  test('of what it has not measured the machine gives where to begin', () => {
    const { proposal } = advised([ruleOf('M2', [wish('shared_buffers', '160MB')])])
    expect(proposal('shared_buffers')).toMatchObject({ proposed: '4GB', rule: 'M2', needs: 'restart' })
    expect(proposal('shared_buffers')!.reason).toMatch(
      /^M2 has seen it; 4GB is where a server on this machine begins/,
    )
  })

  test('what the load wants otherwise than the machine goes by the load', () => {
    const situation = runningSituation({ autovacuum_vacuum_cost_limit: '600' })
    const { proposal } = advised([ruleOf('V1', [wish('autovacuum_vacuum_cost_limit', '400')])], { situation })
    expect(proposal('autovacuum_vacuum_cost_limit')).toMatchObject({ proposed: '400', rule: 'V1' })
  })

  test('what only a rule speaks of is added', () => {
    const { proposal } = advised([ruleOf('P6', [wish('jit', 'off')]), ruleOf('W6', [wish('no_such', '1')])])
    expect(proposal('jit')).toMatchObject({ rule: 'P6' })
    expect(proposal('no_such')).toBeUndefined()
  })
})

describe('the baseline does not take back', () => {
  const set = { work_mem: '65536', checkpoint_timeout: '1800', autovacuum_vacuum_scale_factor: '0.02' }
  const names = Object.keys(set)

  test('what somebody has set, where a day of history says nothing against it', () => {
    const { proposal, unchangedOf } = advised([], { situation: runningSituation(set) })
    for (const name of names) expect(proposal(name), name).toBeUndefined()
    expect(unchangedOf('checkpoint_timeout')!.reason).toBe(
      '30min is set here, and nothing in 168 h of history speaks against it; the machine alone would give 15min',
    )
  })

  test('but does without that history, with low confidence', () => {
    const { proposal } = advised([], { situation: runningSituation(set), hours: 23 })
    expect(proposal('checkpoint_timeout')).toMatchObject({
      current: '30min',
      proposed: '15min',
      confidence: 'low',
    })
    expect(proposal('checkpoint_timeout')!.reason).toMatch(
      /; 30min is set here, which a day of history would tell more of$/,
    )
    expect(proposal('random_page_cost')!.confidence).toBe('medium')
    expect(proposal('autovacuum_vacuum_scale_factor')).toMatchObject({ proposed: '0.1' })
  })

  test('what an advice has raised, at any time', () => {
    const changes = names.map((name) => ({ name, atMs: nowMs - 400 * hourMs }))
    const { proposal, unchangedOf } = advised([], { situation: runningSituation(set), hours: 1, changes })
    for (const name of names) expect(proposal(name), name).toBeUndefined()
    expect(unchangedOf('checkpoint_timeout')!.reason).toContain('30min was set by an advice')
  })

  test('a word that somebody has chosen', () => {
    const situation = runningSituation({ jit: 'on', huge_pages: 'on' })
    expect(advised([], { situation }).proposal('jit')).toBeUndefined()
    expect(advised([], { situation, hours: 1 }).proposal('jit')).toMatchObject({ proposed: 'off' })
  })

  test('but what is set and too much for the memory is made smaller all the same', () => {
    const situation = runningSituation({ work_mem: String(4 * 1024 ** 2), max_connections: '300' })
    const { proposal, budget } = advised([], { situation })
    expect(proposal('work_mem')).toMatchObject({ current: '4GB' })
    expect(budget.limits.map(({ holds }) => holds)).toEqual([true, true, true])
  })

  test('and what goes on from what is set is still proposed', () => {
    const situation = runningSituation({ shared_buffers: '65536' })
    expect(advised([], { situation }).proposal('shared_buffers')).toMatchObject({
      current: '512MB',
      proposed: '4GB',
    })
  })
})

describe('the baseline leaves as it is', () => {
  test('the size of WAL, while it does not get into the archive (W8)', () => {
    const failing = ruleOf('W8', [], { notes: ['archiving fails'] })
    const { proposal } = advised([failing])
    expect(proposal('max_wal_size')).toBeUndefined()
    expect(proposal('shared_buffers')).toBeDefined()
    expect(advised([]).proposal('max_wal_size')).toBeDefined()
  })

  test('settings of vacuum, while somebody keeps dead rows (V0)', () => {
    const held = ruleOf('V0', [], { notes: ['a slot keeps dead rows'] })
    expect(advised([held]).proposal('autovacuum_vacuum_cost_limit')).toBeUndefined()
    expect(advised([]).proposal('autovacuum_vacuum_cost_limit')).toBeDefined()
  })

  test('max_connections, which a rule judges by the history', () => {
    const situation = runningSituation({ max_connections: '100' }, { peakConnections: 99 })
    expect(advised([], { situation }).proposal('max_connections')).toBeUndefined()
    expect(advised([], { situation, hours: 0 }).proposal('max_connections')).toBeDefined()
  })
})

describe('two rules on one setting', () => {
  test('the same way: the one that goes further, which names the other', () => {
    const { proposal } = advised([
      ruleOf('W1', [wish('max_wal_size', '2GB')]),
      ruleOf('W2', [wish('max_wal_size', '3GB')]),
    ])
    expect(proposal('max_wal_size')).toMatchObject({ proposed: '3GB', rule: 'W2' })
    expect(proposal('max_wal_size')!.reason).toMatch(/^W2 has seen it \(W1 would have it too\)/)
  })

  test('the same way down: the lower one', () => {
    const situation = runningSituation({ autovacuum_naptime: '60' })
    const settings = new Map(situation.server.settings)
    settings.set('autovacuum_naptime', {
      ...settings.get('checkpoint_timeout')!,
      value: '60',
      min: '1',
      isSet: false,
    })
    const { proposal } = advised(
      [ruleOf('V8', [wish('autovacuum_naptime', '45s')]), ruleOf('V9', [wish('autovacuum_naptime', '30s')])],
      { situation: { ...situation, server: { ...situation.server, settings } } },
    )
    expect(proposal('autovacuum_naptime')).toMatchObject({ proposed: '30s', rule: 'V9' })
  })

  test('opposite ways: memory becomes smaller', () => {
    const situation = runningSituation({ work_mem: '16384' })
    const { proposal } = advised(
      [ruleOf('M1', [wish('work_mem', '32MB')]), ruleOf('X1', [wish('work_mem', '8MB')])],
      { situation },
    )
    expect(proposal('work_mem')).toMatchObject({ proposed: '8MB', rule: 'X1' })
  })

  test('opposite ways: anything else stays, and it is said', () => {
    const situation = runningSituation({ random_page_cost: '2' })
    const { proposal, notes } = advised(
      [ruleOf('P1', [wish('random_page_cost', '1.1')]), ruleOf('X1', [wish('random_page_cost', '4')])],
      { situation },
    )
    expect(proposal('random_page_cost')).toBeUndefined()
    expect(notes).toContain(
      'random_page_cost stays as it is, because rules contradict each other: P1 would have 1.1 (P1 has seen it); X1 would have 4 (X1 has seen it)',
    )
  })

  test('what cannot wait comes first', () => {
    const situation = runningSituation({ maintenance_work_mem: '262144' })
    const { proposal } = advised(
      [
        ruleOf('X1', [wish('maintenance_work_mem', '128MB')]),
        ruleOf('V5', [wish('maintenance_work_mem', '512MB')]),
      ],
      { situation },
    )
    expect(proposal('maintenance_work_mem')).toMatchObject({ rule: 'V5' })
  })

  test('a value for a role does not meet the one for the server', () => {
    const { proposals } = advised([
      ruleOf('M1', [wish('work_mem', '8MB'), wish('work_mem', '8MB', { scope: { role: 'report' } })]),
    ])
    expect(proposals.filter(({ parameter }) => parameter === 'work_mem')).toHaveLength(2)
  })
})

describe('while memory is short (M3)', () => {
  const pressure = ruleOf('M3', [], { notes: ['memory is short: 2 % are left'] })

  test('nothing that takes more of it is proposed, and it is said', () => {
    const { proposals, notes } = advised([
      pressure,
      ruleOf('M1', [wish('work_mem', '8MB', { takesMemory: true })]),
      ruleOf('M5', [wish('max_wal_size', '2GB', { takesMemory: true })]),
    ])
    const names = proposals.map(({ parameter }) => parameter)
    for (const name of ['work_mem', 'shared_buffers', 'maintenance_work_mem', 'max_wal_size']) {
      expect(names).not.toContain(name)
    }
    expect(names).toContain('random_page_cost')
    expect(notes).toContain('memory is short: 2 % are left')
    expect(notes.find((note) => note.includes('nothing that takes more'))).toMatch(/work_mem/)
  })

  test('what lowers it is, at once and also after a change', () => {
    const changes = [{ name: 'work_mem', atMs: nowMs - hourMs }]
    const { proposal } = advised([ruleOf('M3', [wish('work_mem', '8MB')])], {
      situation: runningSituation({ work_mem: '16384' }),
      hours: 0.2,
      changes,
    })
    expect(proposal('work_mem')).toMatchObject({ proposed: '8MB', confidence: 'high' })
  })
})

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
