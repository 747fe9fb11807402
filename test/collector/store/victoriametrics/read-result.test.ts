import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arrayElements } from '../../../../collector/store/victoriametrics/array-elements.ts'
import { readResult } from '../../../../collector/store/victoriametrics/read-result.ts'

const generous = { maxSeries: 1_000, maxSamples: 10_000, signal: new AbortController().signal }
const read = (text: string, limits = generous) => readResult(Buffer.from(text), limits)
const answer = (resultType: string, result: string, more = '') =>
  `{"status":"success"${more},"data":{"resultType":"${resultType}","result":[${result}]}}`

test('a vector is read with its labels in order', async () => {
  const text = answer('vector', '{"metric":{"z":"1","a":"é\\"]},{"},"value":[1.5,"-Inf"]}')
  expect(await read(text)).toEqual({
    type: 'vector',
    isPartial: false,
    series: [
      {
        labels: ['a', 'é"]},{', 'z', '1'],
        timestamps: Float64Array.of(1500),
        values: Float64Array.of(-Infinity),
      },
    ],
  })
})

test('stale markers among raw samples are left out', async () => {
  const { series } = await read(answer('matrix', '{"metric":{},"values":[[1,"2"],[2,"NaN"],[3.001,"+Inf"]]}'))
  expect(series).toEqual([
    { labels: [], timestamps: Float64Array.of(1000, 3001), values: Float64Array.of(2, Infinity) },
  ])
})

test('an answer without results and one of which a part is missing', async () => {
  expect(await read(answer('matrix', ' ', ',"isPartial":true'))).toEqual({
    type: 'matrix',
    isPartial: true,
    series: [],
  })
})

test.each([
  ['series', { ...generous, maxSeries: 1 }],
  ['samples', { ...generous, maxSamples: 1 }],
])('more %s than allowed are a QUERY_LIMIT', async (_, limits) => {
  const text = answer('vector', '{"metric":{"a":"1"},"value":[1,"1"]},{"metric":{"a":"2"},"value":[1,"1"]}')
  await expect(read(text, limits)).rejects.toMatchObject({ code: 'QUERY_LIMIT' })
})

test('a query that was given up stops being read', async () => {
  const one = `{"metric":{"a":"${'x'.repeat(1000)}"},"value":[1,"1"]}`
  const text = answer('vector', Array.from({ length: 900 }, () => one).join(','))
  const controller = new AbortController()
  controller.abort(new Error('given up'))
  await expect(read(text, { ...generous, signal: controller.signal })).rejects.toThrow('given up')
})

test.each([
  '',
  '<html>login</html>',
  '{"status":"success"}',
  answer('vector', '{"metric":{"a":1},"value":[1,"1"]}'),
  answer('vector', '{"metric":{"a":"1"},"value":["1",1]}'),
  answer('scalar', ''),
  answer('vector', '{"metric":{}').slice(0, -3),
])('what no VictoriaMetrics answers is UNREACHABLE: %s', async (text) => {
  await expect(read(text)).rejects.toMatchObject({ code: 'UNREACHABLE' })
})

test('the elements of any array are found', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (values) => {
      const json = Buffer.from(JSON.stringify(values, null, 1))
      const { bounds, end } = arrayElements(json, 1)!
      const found = bounds.flatMap((from, i) =>
        i % 2 === 0 ? [JSON.parse(json.toString('utf8', from, bounds[i + 1])) as unknown] : [],
      )
      expect(found).toEqual(JSON.parse(json.toString()))
      expect(end).toBe(json.length - 1)
    }),
  )
})
