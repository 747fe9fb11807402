import { expect, test } from 'vitest'
import type { KnownNode } from '../../collector/node-views.ts'
import { viewNodes } from '../../collector/node-views.ts'
import { labelSet } from '../../common/series/label-set.ts'

const known: KnownNode = {
  node: 'pg-main-1',
  cluster: 'pg-main',
  ip: '10.0.0.1',
  version: '0.1.0',
  connected: true,
  firstSeenMs: 1000,
  lastSeenMs: 2000,
  clockSkewMs: 0,
  clockSkewed: false,
  servers: [],
  auditBreaks: 0,
}
const identity = { cls: 'pg-main', ip: '10.0.0.1', ins: 'pg-main-1' }

/** Answers by the metric that an expression asks for. */
function store(answers: Readonly<Record<string, { labels: Record<string, string>; value: number }[]>>) {
  return (expression: string) => {
    const name = Object.keys(answers).find((key) => expression.includes(key))
    const elements = name === undefined ? [] : answers[name]!
    return Promise.resolve(elements.map(({ labels, value }) => ({ labels: labelSet(labels), value })))
  }
}

test('a node has its role, state and newest sample from the store', async () => {
  const vector = store({
    'timestamp(up)': [{ labels: { ins: 'pg-main-1' }, value: 12.5 }],
    pg_up: [{ labels: identity, value: 1 }],
    pg_in_recovery: [{ labels: { ins: 'pg-main-1' }, value: 1 }],
  })
  expect(await viewNodes([known], vector)).toEqual([
    { ...known, up: true, role: 'standby', lastSampleMs: 12_500 },
  ])
})

test('a server that is down has no role, a node without samples nothing at all', async () => {
  const vector = store({
    'timestamp(up)': [{ labels: { ins: 'pg-main-1' }, value: 12.5 }],
    pg_up: [{ labels: identity, value: 0 }],
  })
  const silent = { ...known, node: 'pg-main-2' }
  expect(await viewNodes([known, silent], vector)).toEqual([
    { ...known, up: false, role: null, lastSampleMs: 12_500 },
    { ...silent, up: null, role: null, lastSampleMs: null },
  ])
})

test('a node that only sends samples is listed with what its labels say', async () => {
  const vector = store({
    'timestamp(up)': [{ labels: { ins: 'pg-main-1' }, value: 12.5 }],
    pg_up: [{ labels: identity, value: 1 }],
    pg_in_recovery: [{ labels: { ins: 'pg-main-1' }, value: 0 }],
  })
  expect(await viewNodes([], vector)).toMatchObject([
    {
      node: 'pg-main-1',
      cluster: 'pg-main',
      connected: false,
      version: '',
      role: 'primary',
      lastSeenMs: 12_500,
    },
  ])
})
