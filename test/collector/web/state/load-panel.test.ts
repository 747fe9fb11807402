import { describe, expect, test } from 'vitest'
import type { CollectorClient } from '../../../../collector/web/api/client.ts'
import type { RangeSeries } from '../../../../collector/web/api/answers.ts'
import type { Panel } from '../../../../collector/web/panels/panel.ts'
import { loadPanel } from '../../../../collector/web/state/load-panel.ts'

const panel: Panel = {
  id: 'p',
  title: 'Bytes',
  description: '',
  unit: 'bytes/s',
  kind: 'lines',
  queries: [
    { expr: 'sum by ($by) (rate(in{ins=~"$ins"}[$__rate_interval]))', legend: '{{$by}} in' },
    { expr: 'sum by ($by) (rate(out{ins=~"$ins"}[$__rate_interval]))', legend: '{{$by}} out' },
  ],
  whenEmpty: '',
}
const nowMs = 1_800_000_000_000
const idle = new AbortController().signal

function answering(answer: (expr: string) => Promise<readonly RangeSeries[]>): CollectorClient {
  const unasked = (): never => {
    throw new Error('not asked here')
  }
  return {
    nodes: unasked,
    alerts: unasked,
    version: unasked,
    clockOffsetMs: () => 0,
    valuesByInstance: unasked,
    get: unasked,
    range: answer,
  }
}

const load = (client: CollectorClient, asked = panel): ReturnType<typeof loadPanel> =>
  loadPanel(client, asked, { by: 'ins', ins: 'a-1' }, { kind: 'last', ms: 300_000 }, nowMs, 600, idle)

describe('a panel', () => {
  test('is named by its legends and coloured by subject', async () => {
    const asked: string[] = []
    const { table, from, to } = await load(
      answering((expr) => {
        asked.push(expr)
        return Promise.resolve([{ labels: { ins: 'a-1' }, times: [nowMs / 1000], values: [1] }])
      }),
    )
    expect(asked).toEqual([
      'sum by (ins) (rate(in{ins=~"a-1"}[40s]))',
      'sum by (ins) (rate(out{ins=~"a-1"}[40s]))',
    ])
    expect(table.columns.map(({ name, subject, query }) => [name, subject, query])).toEqual([
      ['a-1 in', 'a-1', 0],
      ['a-1 out', 'a-1', 1],
    ])
    expect([from, to]).toEqual([nowMs / 1000 - 300, nowMs / 1000])
  })

  test('leaves out what was zero all the time only where it is told to', async () => {
    const client = answering(() =>
      Promise.resolve([
        { labels: { ins: 'a-1' }, times: [nowMs / 1000 - 10, nowMs / 1000], values: [0, 0] },
        { labels: { ins: 'a-2' }, times: [nowMs / 1000 - 10, nowMs / 1000], values: [0, 1] },
      ]),
    )
    const names = ({ table }: Awaited<ReturnType<typeof load>>): string[] =>
      table.columns.map(({ name }) => name)
    const one = { ...panel, queries: panel.queries.slice(0, 1) }
    expect(names(await load(client, one))).toEqual(['a-1 in', 'a-2 in'])
    expect(names(await load(client, { ...one, withoutZeros: true }))).toEqual(['a-2 in'])
  })

  test('fails when one of its queries does: half a panel would mislead', async () => {
    const client = answering((expr) =>
      expr.includes('out') ? Promise.reject(new Error('too slow')) : Promise.resolve([]),
    )
    await expect(load(client)).rejects.toThrow('too slow')
  })
})
