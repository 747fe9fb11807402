import { describe, expect, test } from 'vitest'
import { advised, ruleOf, runningSituation, wish } from './advised-server.ts'

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
