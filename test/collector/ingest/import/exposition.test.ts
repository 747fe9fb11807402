import { describe, expect, test } from 'vitest'
import { createIngest } from '../../../../collector/ingest/ingest.ts'
import { createRecordingStore, nowMs } from '../recording-store.ts'
import { linesInto } from './lines-into.ts'

async function read(text: string, options?: Parameters<typeof linesInto>[3]) {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  await linesInto(ingest, 'prometheus', text, options)
  return { samples: store.appends.flat(), ingest }
}

const openMetrics = { contentType: 'application/openmetrics-text; version=1.0.0' }

test.each([
  ['m 1', '__name__ m', 1],
  ['m{} -Inf', '__name__ m', -Infinity],
  ['\tm { b = "2" , a="1", } 1e3 ', '__name__ m a 1 b 2', 1000],
  ['m{a="x\\\\y\\"z\\n"} 1\r', '__name__ m a x\\y"z\n', 1],
  ['{"a.b","c d"="e"} 2', '__name__ a.b c d e', 2],
  ['{__name__="m",x="} 1"} 3', '__name__ m x } 1', 3],
  ['m{x="y"} 4 # {trace_id="a} "} 0.5 1.2', '__name__ m x y', 4],
])('%s', async (line, metric, value) => {
  expect((await read(line)).samples).toEqual([{ metric, value, timestamp: nowMs }])
})

describe('the time of a sample', () => {
  test.each([
    ['m 1 1700000000123', 1_700_000_000_123],
    ['m 1 -1', -1000],
    ['m 1 1700000000', 1_700_000_000_000],
    ['m 1 1700000000.5', 1_700_000_000_500],
  ])('%s', async (line, timestamp) => {
    expect((await read(line)).samples).toMatchObject([{ timestamp }])
  })

  test('is in seconds in OpenMetrics, however large', async () => {
    expect((await read('m 1 1700000000123\n# EOF\n', openMetrics)).samples).toMatchObject([
      { timestamp: 1_700_000_000_123_000 },
    ])
  })

  test('is that of the request where it has none', async () => {
    const { samples } = await read('m 1\nm 1 1600000000000', { query: 'timestamp=1500' })
    expect(samples).toMatchObject([{ timestamp: 1500 }, { timestamp: 1_600_000_000_000 }])
  })

  test('of the request has to be a number', async () => {
    await expect(read('m 1', { query: 'timestamp=now' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })
})

test('a series that comes again is looked up once', async () => {
  const store = createRecordingStore()
  await linesInto(
    createIngest(store.options),
    'prometheus',
    'm{a="b"} 1 1\nm{a="b"} 2 2\nm 3\nm {c="d"} 4\nm 5\n',
  )
  expect(store.lookups()).toBe(3)
  expect(store.appends.flat().map(({ metric, value }) => [metric, value])).toEqual([
    ['__name__ m a b', 1],
    ['__name__ m a b', 2],
    ['__name__ m', 3],
    ['__name__ m c d', 4],
    ['__name__ m', 5],
  ])
})

test('nothing is read after # EOF of OpenMetrics', async () => {
  expect((await read('m 1\n# EOF\nn 1\n', openMetrics)).samples).toHaveLength(1)
})

test.each([
  ['m', 'there is no value'],
  ['m x', 'the value is no number'],
  ['m 1 2 3', 'something else than a timestamp follows the value'],
  ['m{a="1",a="2"} 1', 'the label a occurs twice'],
  ['{a="1"} 1', 'it does not begin with a metric name'],
  ['<html>', 'it does not begin with a metric name'],
])('%s: %s', async (line, reason) => {
  await expect(read(`ok 1\n${line}\n`)).rejects.toMatchObject({
    code: 'BAD_DATA',
    message: `line 2: ${reason}; 1 of 2 lines could not be read; 1 samples were stored`,
  })
})

test('what comments say about families is known afterwards', async () => {
  const text = [
    '# HELP m_seconds How \\\\ long\\nit took.',
    '# TYPE m_seconds histogram',
    '# UNIT m_seconds seconds',
    '# a comment',
    'm_seconds_count 1',
    '# TYPE n counter',
    'n_total 1',
    '# TYPE "a b" gauge',
    '{"a b"} 1',
  ].join('\n')
  const { ingest } = await read(text)
  expect([...ingest.metadata()]).toEqual([
    ['m_seconds', [{ type: 'histogram', help: 'How \\ long\nit took.', unit: 'seconds' }]],
    ['n', [{ type: 'counter', help: '', unit: '' }]],
    ['a b', [{ type: 'gauge', help: '', unit: '' }]],
  ])
})
