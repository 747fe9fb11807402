import { describe, expect, test } from 'vitest'
import type { Advice } from '../../../../common/tuning/advice.ts'
import type { Proposal } from '../../../../common/tuning/proposal.ts'
import type { TuneChange } from '../../../../common/tuning/tune-change.ts'
import type { TunePlan } from '../../../../common/tuning/tune-plan.ts'
import { differencesOf } from '../../../../collector/web/tuning/difference.ts'
import { adviceOf, changesOf, planOf } from '../../../../collector/web/tuning/read-results.ts'
import { tunedServers } from '../../../../collector/web/tuning/tuned-servers.ts'
import { answering, someCommand } from '../commands/some-command.ts'

function proposal(parameter: string, current: string, proposed: string): Proposal {
  return {
    parameter,
    current,
    proposed,
    reason: `why ${parameter}`,
    evidence: 'hardware',
    risk: '',
    needs: 'reload',
    effect: '',
    confidence: 'high',
    rule: 'baseline',
  }
}

function advice(proposals: Proposal[], kernel: Proposal[] = []): Advice {
  return {
    server: 'pg-1',
    major: 18,
    profile: 'oltp',
    profileReason: 'short transactions',
    hours: 24,
    proposals,
    unchanged: [],
    budget: { memoryBytes: 1, rows: [], limits: [] },
    pooler: [],
    kernel,
    notes: [],
  }
}

function plan(settings: TunePlan['settings']): TunePlan {
  return { server: 'pg-1', by: 'alter-system', settings, refusals: [], notes: [] }
}

function change(id: string, state: TuneChange['state'], startedMs: number): TuneChange {
  return {
    id,
    server: 'pg-1',
    state,
    by: 'alter-system',
    startedMs,
    untilMs: null,
    finishedMs: null,
    settings: [],
    readings: [],
    message: '',
  }
}

const planned = (name: string, state: TunePlan['settings'][number]['state']) => ({
  name,
  current: '64MB',
  where: '/etc/postgresql.conf:1',
  wanted: '96MB',
  needs: 'restart' as const,
  state,
})

describe('what would change', () => {
  test('has the reason of the advice, and what the plan has found', () => {
    const both = differencesOf(
      advice([proposal('work_mem', '4MB', '32MB'), proposal('jit', 'on', 'off')]),
      plan([planned('work_mem', 'staged')]),
    )
    expect(both).toMatchObject([
      {
        name: 'work_mem',
        now: '64MB',
        wanted: '96MB',
        needs: 'restart',
        reason: 'why work_mem',
        state: 'staged',
      },
      { name: 'jit', now: 'on', wanted: 'off', needs: 'reload', state: null },
    ])
  })

  test('leaves out what is as wanted by now', () => {
    const advised = advice([proposal('work_mem', '4MB', '32MB')])
    expect(differencesOf(advised, plan([planned('work_mem', 'as-wanted')]))).toEqual([])
  })

  test('has what was planned without an advice, and what is beside the server', () => {
    const all = differencesOf(
      advice([], [proposal('vm.nr_hugepages', '0', '4200')]),
      plan([planned('max_connections', 'change')]),
    )
    expect(all.map(({ of, name }) => `${of} ${name}`)).toEqual([
      'server max_connections',
      'kernel vm.nr_hugepages',
    ])
    expect(differencesOf(null, null)).toEqual([])
  })
})

describe('results of commands', () => {
  test('are read where they are whole', () => {
    const given = advice([proposal('work_mem', '4MB', '32MB')])
    expect(adviceOf(someCommand({ result: answering({ ...given }) }))?.proposals).toHaveLength(1)
    expect(adviceOf(someCommand({ result: answering({}) }))).toBeNull()
    expect(planOf(someCommand({ result: null }))).toBeNull()
  })

  test('tell of each change as the newest has it', () => {
    const known = changesOf([
      someCommand({
        kind: 'tune-status',
        finishedMs: 50,
        result: answering({ changes: [change('a', 'kept', 1), change('b', 'watching', 2)] }),
      }),
      someCommand({
        kind: 'tune-rollback',
        finishedMs: 60,
        result: answering({ change: change('b', 'rolled-back', 2) }),
      }),
      someCommand({
        kind: 'tune-apply',
        finishedMs: 20,
        result: answering({ change: change('b', 'applying', 2) }),
      }),
    ])
    expect(known.map(({ id, state, asOfMs }) => [id, state, asOfMs])).toEqual([
      ['b', 'rolled-back', 60],
      ['a', 'kept', 50],
    ])
  })

  test('are found by server: the newest advice and plan, and changes since somebody asked for all', () => {
    const at = (id: string, kind: string, finishedMs: number, more = {}) =>
      someCommand({ id, kind, finishedMs, ...more })
    const [first, second] = tunedServers([
      at('old-status', 'tune-status', 10),
      at('advice', 'tune-advise', 20),
      at('old-apply', 'tune-apply', 25),
      at('status', 'tune-status', 30),
      at('plan', 'tune-apply', 40, { mode: 'plan' }),
      at('apply', 'tune-apply', 50),
      at('failed', 'tune-apply', 60, { state: 'failed' }),
      at('other', 'tune-advise', 5, { server: 'pg-2' }),
    ])
    expect(first?.server).toBe('pg-main-1')
    expect([first?.advice?.id, first?.plan?.id]).toEqual(['advice', 'plan'])
    expect(first?.changes.map(({ id }) => id)).toEqual(['apply', 'status'])
    expect(second).toMatchObject({ server: 'pg-2', plan: null, changes: [] })
  })
})
