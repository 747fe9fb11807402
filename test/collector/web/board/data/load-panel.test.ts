import { expect, test } from 'vitest'
import { loadPanel, questionOf } from '../../../../../collector/web/board/data/load-panel.ts'
import { board } from '../../../../../collector/web/board/model/board.ts'
import { smallBoard } from '../small-board.ts'

const panels = board.parse(smallBoard).sections.flatMap((section) => section.panels)
const selection = { name: 'ins', values: ['pg-main-1'], isAll: false, allValue: null, isPattern: true }
const scope = { selections: new Map([['ins', selection]]), texts: new Map<string, string>() }
const span = { fromMs: 0, toMs: 3_600_000 }
const idle = new AbortController().signal
const panelOf = (title: string) => panels.find((panel) => panel.title === title)!

test('the step is what the width can show, but not below what a query wants', () => {
  const panel = panelOf('Commits')
  expect(questionOf(panel, span, scope, 720).range).toEqual({ start: 0, end: 3600, step: 10 })
  expect(questionOf(panel, span, scope, 120).range.step).toBe(60)
  expect(questionOf({ ...panel, interval: '2m' }, span, scope, 720).range.step).toBe(120)
})

test('a panel with a time of its own is asked for that', () => {
  const { span: own } = questionOf({ ...panelOf('Commits'), timeFrom: '5m' }, span, scope, 720)
  expect(own).toEqual({ fromMs: 3_300_000, toMs: 3_600_000 })
})

test('expressions are asked with variables and intervals filled in', async () => {
  const asked: string[] = []
  const client = {
    range: (expr: string) => {
      asked.push(expr)
      return Promise.resolve([])
    },
    get: () => Promise.reject(new Error('not asked here')),
  }
  const panel = panelOf('Commits')
  await loadPanel(client, panel, questionOf(panel, span, scope, 720), idle)
  expect(asked).toEqual(['sum by (ins) (rate(pg_db_xact_commit{ins=~"pg-main-1"}[1m]))'])
})

test('of queries that want different steps the least is asked for all, and each has the intervals that it wants', async () => {
  const asked: string[] = []
  const client = {
    range: (expr: string, { step }: { step: number }) => {
      asked.push(`${expr} by ${step}`)
      return Promise.resolve([])
    },
    get: () => Promise.reject(new Error('not asked here')),
  }
  const [target] = panelOf('Commits').targets
  const panel = {
    ...panelOf('Commits'),
    targets: [
      { ...target!, expr: 'rate(a[$__rate_interval])' },
      { ...target!, expr: 'avg_over_time(b[$__interval]) / $__interval_ms', interval: '10m' },
    ],
  }
  await loadPanel(client, panel, questionOf(panel, span, scope, 120), idle)
  expect(asked).toEqual(['rate(a[75s]) by 60', 'avg_over_time(b[10m]) / 600000 by 60'])
})

test('a query that fails fails the panel', async () => {
  const client = {
    range: () => Promise.reject(new Error('too many samples')),
    get: () => Promise.reject(new Error('not asked here')),
  }
  const panel = panelOf('Commits')
  await expect(loadPanel(client, panel, questionOf(panel, span, scope, 720), idle)).rejects.toThrow(
    'too many samples',
  )
})

test('a scalar is a value without labels', async () => {
  const client = {
    range: () => Promise.reject(new Error('not asked here')),
    get: <T>(_path: string, _parameters: unknown, answer: { parse: (value: unknown) => T }) =>
      Promise.resolve(answer.parse({ status: 'success', data: { resultType: 'scalar', result: [10, '4'] } })),
  }
  const panel = panelOf('Connections used')
  const { frames } = await loadPanel(client, panel, questionOf(panel, span, scope, 720), idle)
  expect(frames[0]?.fields.map(({ values }) => values)).toEqual([[10_000], [4]])
})
