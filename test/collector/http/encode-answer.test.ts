import { expect, test } from 'vitest'
import { encodeAnswer } from '../../../collector/http/encode-answer.ts'
import type { QueryAnswer } from '../../../collector/http/query-service.ts'

const textOf = (pieces: Iterable<string | Uint8Array>): string =>
  Buffer.concat(Array.from(pieces, (piece) => Buffer.from(piece as string))).toString()
const decode = (answer: QueryAnswer): unknown => JSON.parse(textOf(encodeAnswer(answer)))

test('a scalar and a string are pairs of time and text', () => {
  expect(decode({ value: { kind: 'scalar', timestampMs: 1500, value: Infinity } })).toEqual({
    status: 'success',
    data: { resultType: 'scalar', result: [1.5, '+Inf'] },
  })
  expect(decode({ value: { kind: 'string', timestampMs: 0, value: 'a"b' } })).toEqual({
    status: 'success',
    data: { resultType: 'string', result: [0, 'a"b'] },
  })
})

test('a vector has one pair per series, and an empty one is an empty list', () => {
  const samples = [
    { labels: ['__name__', 'up', 'ins', 'pg "1"'], value: 1 },
    { labels: [], value: Number.NaN },
  ]
  expect(decode({ value: { kind: 'vector', timestampMs: 2000, samples } })).toEqual({
    status: 'success',
    data: {
      resultType: 'vector',
      result: [
        { metric: { __name__: 'up', ins: 'pg "1"' }, value: [2, '1'] },
        { metric: {}, value: [2, 'NaN'] },
      ],
    },
  })
  expect(decode({ value: { kind: 'vector', timestampMs: 0, samples: [] } })).toMatchObject({
    data: { result: [] },
  })
})

test('warnings and infos stand beside the data', () => {
  const value = { kind: 'vector', timestampMs: 0, samples: [] } as const
  expect(decode({ value, warnings: ['w'], infos: ['i'] })).toMatchObject({
    warnings: ['w'],
    infos: ['i'],
  })
})

test('a large matrix comes in pieces of bounded size that make up one valid document', () => {
  const timestamps = Float64Array.from({ length: 10_000 }, (_, i) => i * 1000)
  const values = timestamps.map((time) => time / 3)
  const series = [1, 2, 3].map((n) => ({ labels: ['n', String(n)], timestamps, values }))
  const pieces = [...encodeAnswer({ value: { kind: 'matrix', series } })]
  expect(pieces.length).toBeGreaterThan(5)
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(200 * 1024)
  const decoded = JSON.parse(textOf(pieces)) as { data: { result: { values: [number, string][] }[] } }
  expect(decoded.data.result.map((one) => one.values.length)).toEqual([10_000, 10_000, 10_000])
  expect(decoded.data.result[2]!.values[9999]).toEqual([9999, String(9_999_000 / 3)])
})

test('two answers that are made piece by piece in turns do not mix', () => {
  const answerOf = (name: string): QueryAnswer => {
    const timestamps = Float64Array.from({ length: 11_000 }, (_, i) => i * 500)
    const values = timestamps.map((time) => time / 7)
    return { value: { kind: 'matrix', series: [{ labels: ['name', name], timestamps, values }] } }
  }
  const answers = ['a', 'ä'.repeat(50_000)].map(answerOf)
  const running = answers.map((answer) => ({
    pieces: encodeAnswer(answer),
    taken: [] as (string | Uint8Array)[],
  }))
  for (let open = running.length; open > 0;) {
    open = 0
    for (const { pieces, taken } of running) {
      const next = pieces.next()
      if (next.done === true) continue
      taken.push(next.value)
      open++
    }
  }
  expect(running.map(({ taken }) => textOf(taken))).toEqual(
    answers.map((answer) => textOf(encodeAnswer(answer))),
  )
})
