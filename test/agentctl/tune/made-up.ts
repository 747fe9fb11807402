import type { Advice } from '../../../common/tuning/advice.ts'
import type { Proposal } from '../../../common/tuning/proposal.ts'
import type { TuneChange } from '../../../common/tuning/tune-change.ts'
import type { TunePlan } from '../../../common/tuning/tune-plan.ts'
import type { NodeView } from '../../../common/wire/nodes.ts'

export const proposed = (parameter: string, more: Partial<Proposal> = {}): Proposal => ({
  parameter,
  ...{ current: '4MB', proposed: '16MB', reason: `why ${parameter}`, evidence: 'hardware', risk: 'none' },
  ...{ needs: 'reload', effect: 'better', confidence: 'medium', rule: `baseline.${parameter}` },
  ...more,
})

export const adviceWith = (proposals: readonly Proposal[], more: Partial<Advice> = {}): Advice => ({
  ...{ server: 'pg-main-1', major: 17, profile: 'oltp', profileReason: 'short transactions', hours: 26.5 },
  proposals,
  unchanged: [proposed('max_wal_size', { needs: 'nothing', proposed: '8GB' })],
  budget: { memoryBytes: 2 ** 34, rows: [], limits: [] },
  ...{ pooler: [], kernel: [], notes: [] },
  ...more,
})

export const planned = (name: string, current: string, wanted: string): TunePlan['settings'][number] => ({
  ...{ name, current, wanted, where: '', needs: 'reload', state: 'change' },
})

export const planWith = (settings: TunePlan['settings'], more: Partial<TunePlan> = {}): TunePlan => ({
  ...{ server: 'pg-main-1', by: 'alter-system', settings, refusals: [], notes: [] },
  ...more,
})

export const memberCalled = (node: string, role: NodeView['role'] = 'standby'): NodeView => ({
  ...{
    node,
    cluster: 'pg-main',
    ip: '10.0.0.1',
    version: '1.0.0',
    connected: true,
    firstSeenMs: 0,
    lastSeenMs: 0,
  },
  ...{ clockSkewMs: 0, clockSkewed: false, auditBreaks: 0, up: true, lastSampleMs: 0, role },
  servers: [{ server: node, kind: 'postgres', systemIdentifier: '7300000000000000001' }],
})

export const changeIn = (state: TuneChange['state'], more: Partial<TuneChange> = {}): TuneChange => ({
  ...{ id: '6f1c2f0e-3c1d-4c7e-9f3a-2b8f6f0d1e2c', server: 'pg-main-1', state, by: 'alter-system' },
  ...{ startedMs: 1_700_000_000_000, untilMs: 1_700_000_900_000, finishedMs: null },
  settings: [{ name: 'work_mem', before: '4MB', after: '16MB', needsRestart: false }],
  readings: [],
  message: `it is ${state}`,
  ...more,
})
