import { describe, expect, test } from 'vitest'
import { fleetHealth, nodeHealth, silenceOf } from '../../../../collector/web/fleet/health.ts'
import { fakeNode } from '../fake-collector.ts'

const nowMs = Date.now()
const none = new Map<string, number>()

describe('a node', () => {
  test('that answers in time is well', () => {
    expect(nodeHealth(fakeNode('a-1', 'primary'), undefined, nowMs)).toMatchObject({
      level: 'ok',
      problems: [],
    })
  })

  test('whose server is down is critical', () => {
    const health = nodeHealth(fakeNode('a-1', 'primary', { up: false, role: null }), undefined, nowMs)
    expect(health).toMatchObject({ level: 'critical', problems: [{ text: 'PostgreSQL is down' }] })
  })

  test('without samples is critical even when its agent is connected', () => {
    const health = nodeHealth(
      fakeNode('a-1', 'primary', { lastSampleMs: null, up: null, role: null }),
      undefined,
      nowMs,
    )
    expect(health.problems.map(({ text }) => text)).toEqual(['no sample in the last 5 min'])
    expect(health.level).toBe('critical')
  })

  test('whose agent has gone is a warning that says since when', () => {
    const gone = fakeNode('a-1', 'primary', { connected: false, lastSeenMs: nowMs - 120_000 })
    expect(nodeHealth(gone, undefined, nowMs).problems).toEqual([
      { level: 'warning', text: 'agent not connected, last seen 2 min ago' },
    ])
  })

  test.each([
    [29, 'ok'],
    [30, 'warning'],
    [300, 'critical'],
  ])('that lags %d s is %s', (lag, level) => {
    expect(nodeHealth(fakeNode('a-2', 'standby'), lag, nowMs).level).toBe(level)
  })

  test('with a wrong clock is a warning that says which way', () => {
    const skewed = fakeNode('a-1', 'primary', { clockSkewMs: -7000 })
    expect(nodeHealth(skewed, undefined, nowMs).problems[0]?.text).toBe('clock 7 s behind')
  })

  test('has its worst problem first', () => {
    const bad = fakeNode('a-1', 'primary', { connected: false, up: false, lastSampleMs: nowMs - 60_000 })
    expect(nodeHealth(bad, undefined, nowMs).problems.map(({ level }) => level)).toEqual([
      'critical',
      'warning',
      'warning',
    ])
  })
})

describe('a cluster', () => {
  const problemsOf = (...nodes: Parameters<typeof fleetHealth>[0]): readonly string[] =>
    fleetHealth(nodes, none, nowMs)[0]!.problems.map(({ text }) => text)

  test('with one primary has no problem of its own', () => {
    expect(problemsOf(fakeNode('a-1', 'primary'), fakeNode('a-2', 'standby'))).toEqual([])
  })

  test('with two primaries names them', () => {
    expect(problemsOf(fakeNode('a-1', 'primary'), fakeNode('a-2', 'primary'))).toEqual([
      '2 primaries: a-1, a-2',
    ])
  })

  test('without a primary says so', () => {
    expect(
      problemsOf(fakeNode('a-1', 'primary', { up: false, role: null }), fakeNode('a-2', 'standby')),
    ).toEqual(['no primary'])
  })

  test('is not accused while a node that may be the primary is not measured', () => {
    const unknown = fakeNode('a-1', 'primary', { up: null, role: null, lastSampleMs: null })
    expect(problemsOf(unknown, fakeNode('a-2', 'standby'))).toEqual([])
  })
})

describe('the fleet', () => {
  test('shows the cluster that hurts most first and its primary first', () => {
    const fleet = fleetHealth(
      [
        fakeNode('a-1', 'primary'),
        fakeNode('b-1', 'standby'),
        fakeNode('b-2', 'primary'),
        fakeNode('c-1', 'primary', { up: false }),
      ],
      new Map([['b-1', 60]]),
      nowMs,
    )
    expect(fleet.map(({ cluster, level }) => [cluster, level])).toEqual([
      ['c', 'critical'],
      ['b', 'warning'],
      ['a', 'ok'],
    ])
    expect(fleet[1]?.nodes.map(({ node }) => node.node)).toEqual(['b-2', 'b-1'])
  })

  test('does not blame a primary for the lag of its time as a standby', () => {
    expect(fleetHealth([fakeNode('a-1', 'primary')], new Map([['a-1', 999]]), nowMs)[0]?.level).toBe('ok')
  })
})

describe('why there is nothing to see', () => {
  test('is no question while one node has samples', () => {
    expect(
      silenceOf([fakeNode('a-1', 'primary'), fakeNode('a-2', 'standby', { lastSampleMs: null })]),
    ).toBeNull()
  })

  test('tells a dead agent from one that cannot measure', () => {
    const silent = { lastSampleMs: null, up: null, role: null }
    expect(silenceOf([fakeNode('a-1', 'primary', { ...silent, connected: false })])).toContain(
      'no agent is connected',
    )
    expect(silenceOf([fakeNode('a-1', 'primary', silent)])).toContain('see its log')
    expect(silenceOf([])).toContain('No agent has reported')
  })
})
