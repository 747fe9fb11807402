import { describe, expect, test } from 'vitest'
import { createEngine } from '../../../../collector/promql/engine.ts'
import { ask, askRange } from '../ask.ts'
import { loadSeries } from '../load-series.ts'

const series = loadSeries(
  10_000,
  'used{cls="a",ins="1"} 10',
  'used{cls="a",ins="2"} 20',
  'used{cls="b",ins="1"} 30',
  'size{cls="a",role="big"} 100',
  'size{cls="b",role="small"} 50',
)

describe('joins', () => {
  test('one-to-one keeps the labels both sides match on', async () => {
    expect(await ask(series, 'used{ins="1"} / on(cls) size', 0)).toEqual(['{cls="a"} 0.1', '{cls="b"} 0.6'])
  })

  test('group_left keeps the labels of the many side and copies those named', async () => {
    expect(await ask(series, 'used / on(cls) group_left(role) size', 0)).toEqual([
      '{cls="a",ins="1",role="big"} 0.1',
      '{cls="a",ins="2",role="big"} 0.2',
      '{cls="b",ins="1",role="small"} 0.6',
    ])
  })

  test('group_right is its mirror', async () => {
    expect(await ask(series, 'size - on(cls) group_right used', 0)).toEqual([
      '{cls="a",ins="1"} 90',
      '{cls="a",ins="2"} 80',
      '{cls="b",ins="1"} 20',
    ])
  })

  test('several partners without group_* are an error that names the way out', async () => {
    await expect(ask(series, 'used / on(cls) size', 0)).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      message: 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
    })
  })

  test('an ambiguous one side is an error that names the two series', async () => {
    await expect(ask(series, 'size / on(cls) used', 0)).rejects.toThrow(
      'found duplicate series for the match group {cls="a"} on the right hand-side of the operation: ' +
        '[{__name__="used", cls="a", ins="1"}, {__name__="used", cls="a", ins="2"}];' +
        'many-to-many matching not allowed: matching labels must be unique on one side',
    )
  })

  test('series that take turns on the one side are not ambiguous', async () => {
    const turns = loadSeries(10_000, 'load 1 2', 'info{v="1"} 1 stale', 'info{v="2"} _ 1')
    expect(await askRange(turns, 'load * on() group_left(v) info', 0, 10_000, 10_000)).toEqual([
      '{v="1"} 1@0',
      '{v="2"} 2@10000',
    ])
  })

  test('fill gives a missing partner a value', async () => {
    const gaps = loadSeries(10_000, 'a{x="1"} 1', 'a{x="2"} 2', 'b{x="2"} 20', 'b{x="3"} 30')
    expect((await ask(gaps, 'a + fill(0) b', 0)).sort()).toEqual(['{x="1"} 1', '{x="2"} 22', '{x="3"} 30'])
    expect((await ask(gaps, 'a + fill_right(0) b', 0)).sort()).toEqual(['{x="1"} 1', '{x="2"} 22'])
  })
})

describe('comparisons', () => {
  test('filter and keep names; with bool they give 0 or 1 without', async () => {
    expect(await ask(series, 'used > 15', 0)).toEqual([
      '{__name__="used",cls="a",ins="2"} 20',
      '{__name__="used",cls="b",ins="1"} 30',
    ])
    expect(await ask(series, '15 < bool used{cls="a"}', 0)).toEqual([
      '{cls="a",ins="1"} 0',
      '{cls="a",ins="2"} 1',
    ])
    expect(await ask(series, '1 < bool 2', 0)).toEqual(['1'])
  })

  test('never hold for NaN except !=', async () => {
    expect(await ask(series, 'vector(NaN) == NaN or vector(NaN) < 1 or vector(NaN) != NaN', 0)).toEqual([
      '{} NaN',
    ])
  })
})

describe('sets', () => {
  test('and, or, unless work on matching labels', async () => {
    expect(await ask(series, 'used and on(cls) size{role="small"}', 0)).toEqual([
      '{__name__="used",cls="b",ins="1"} 30',
    ])
    expect(await ask(series, 'used unless on(cls) size{role="small"}', 0)).toHaveLength(2)
    expect(await ask(series, 'size{role="big"} or on(cls) size', 0)).toEqual([
      '{__name__="size",cls="a",role="big"} 100',
      '{__name__="size",cls="b",role="small"} 50',
    ])
  })

  test('decide step by step', async () => {
    const turns = loadSeries(10_000, 'a 1 stale 3', 'b 10 20 30')
    expect(await askRange(turns, 'a or b', 0, 20_000, 10_000)).toEqual([
      '{__name__="a"} 1@0 3@20000',
      '{__name__="b"} 20@10000',
    ])
  })
})

test('arithmetic follows IEEE 754', async () => {
  expect(await ask(series, '1 ^ NaN', 0)).toEqual(['1'])
  expect(await ask(series, '(-1) ^ Inf', 0)).toEqual(['1'])
  expect(await ask(series, '-7 % 4', 0)).toEqual(['-3'])
  expect(await ask(series, '1 / 0', 0)).toEqual(['Infinity'])
})

test('removing names may not make two series equal', async () => {
  await expect(
    ask(series, '-{cls="a",ins="1"} and {__name__=~"used|size",cls="a"} * 0', 0),
  ).resolves.toBeDefined()
  const clash = loadSeries(10_000, 'a{x="1"} 1', 'b{x="1"} 2')
  await expect(ask(clash, '-{x="1"}', 0)).rejects.toThrow(
    'vector cannot contain metrics with the same labelset',
  )
})

test.each(['used / used', 'w * on (i) group_left w', 'count_values("n", w)'])(
  '%s takes memory in proportion to its series',
  async (query) => {
    const names = Array.from({ length: 200 }, (_, i) => String(i))
    const many = loadSeries(10_000, ...names.flatMap((i) => [`w{i="${i}"} ${i}`, `used{i="${i}"} ${i}`]))
    let bytes = 0
    const reserve = (more: number): void => void (bytes += more)
    await createEngine().range(many, query, 0, 99_000, 1_000, { reserve })
    // Both operands, the result, and what the store reserves for samples.
    expect(bytes).toBeLessThan(4 * 200 * 100 * 9)
  },
)
