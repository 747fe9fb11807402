import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { EndpointOptions } from '../../../agent/neighbours/endpoint.ts'
import { createBatchWriter } from '../../../agent/scrape/batch-writer.ts'
import type { Source } from '../../../agent/scrape/source.ts'
import { labelRecord } from '../../../common/series/label-set.ts'
import { samplesOf } from './exposition/samples-of.ts'
import { createHeardLog, roundAt } from './probing.ts'
import { serving } from './serving.ts'
import { endpoint, labels } from './test-endpoint.ts'

test('what an endpoint exposes is measured', async () => {
  const url = await serving((_, response) => response.end('# TYPE a counter\na{x="1"} 1\nb 2\n'))
  const { up, tables } = await endpoint(url).measure(roundAt(0))
  expect(up).toBe(true)
  expect(samplesOf(tables)).toEqual([
    ['a{x="1"}', 1],
    ['b', 2],
    ['pgherd_endpoint_bad_lines_total', 0],
  ])
})

test('it is a source of the scraper, which keeps a label of a sample that the source has too as exported_', async () => {
  const url = await serving((_, response) => response.end('a{job="other",x="1"} 1\n'))
  const source: Source = endpoint(url)
  const { tables } = await source.measure(roundAt(0))
  const writer = createBatchWriter(source.labels)
  for (const table of tables) writer.add(table)
  expect(writer.finish(0).series.map(labelRecord)).toContainEqual({
    ...labels,
    __name__: 'a',
    exported_job: 'other',
    x: '1',
  })
})

test('keep and drop decide by whole metric names', async () => {
  const url = await serving((_, response) => response.end('a 1\nab 1\nabc{x="1"} 1\nabcd 1\nb 1\n'))
  const names = async (filter: Partial<EndpointOptions>): Promise<readonly string[]> => {
    const { tables } = await endpoint(url, filter).measure(roundAt(0))
    return tables
      .flatMap(({ metrics }) => metrics)
      .filter((name) => !name.startsWith('pgherd_'))
      .sort()
  }
  expect(await names({ keep: ['a', 'abc.*'] })).toEqual(['a', 'abc', 'abcd'])
  expect(await names({ drop: ['a|b', 'b.*'] })).toEqual(['ab', 'abc', 'abcd'])
  expect(await names({ keep: ['a.*'], drop: ['.*d'] })).toEqual(['a', 'ab', 'abc'])
  expect(() => endpoint(url, { keep: ['('] })).toThrow('"(" is no regular expression for metric names')
})

test('bad lines cost themselves, are counted and told once', async () => {
  let body = 'a 1\nb\n'
  const url = await serving((_, response) => response.end(body))
  const log = createHeardLog()
  const source = endpoint(url, { log })
  await source.measure(roundAt(0))
  body = '\na 1\nb\n'
  expect(samplesOf((await source.measure(roundAt(0))).tables)).toEqual([
    ['a', 1],
    ['pgherd_endpoint_bad_lines_total', 2],
  ])
  expect(log.heard).toEqual([
    'warn neighbours: the endpoint gives bad lines: there is no value (line 2; 1 of them)',
  ])
})

describe('an answer that is refused means down, and the log says why, once', () => {
  const html = '<html>\n</html>'
  test.each<[string, number, string | Buffer, Record<string, string>, Partial<EndpointOptions>, string]>([
    ['another status', 401, 'a 1', {}, {}, 'it answered with status 401'],
    ['a redirect', 302, '', { location: '/other' }, {}, 'it answered with status 302'],
    ['a page', 200, html, {}, {}, 'this is no exposition but a page of HTML or XML'],
    [
      'too many bytes',
      200,
      'a 1\n'.repeat(100),
      {},
      { maxBytes: 300 },
      'the answer is larger than 300 bytes',
    ],
    [
      'too many bytes after decompression',
      200,
      gzipSync('a 1\n'.repeat(100_000)),
      { 'content-encoding': 'gzip' },
      { maxBytes: 100_000 },
      'the answer is larger than 100000 bytes',
    ],
    ['too many samples', 200, 'a 1\nb 1\nc 1\n', {}, { sampleLimit: 2 }, 'there are more than 2 samples'],
    [
      'broken gzip',
      200,
      'a 1\n',
      { 'content-encoding': 'gzip' },
      {},
      'the answer cannot be decompressed: incorrect header check',
    ],
    [
      'another encoding',
      200,
      'a 1\n',
      { 'content-encoding': 'br' },
      {},
      'it answered in the encoding br; allowed: gzip',
    ],
  ])('%s', async (_, status, body, headers, options, reason) => {
    let healthy = false
    const url = await serving((__, response) =>
      healthy ? response.end('a 1\n') : response.writeHead(status, headers).end(body),
    )
    const log = createHeardLog()
    const source = endpoint(url, { ...options, log })
    for (let i = 0; i < 2; i++) {
      expect(await source.measure(roundAt(0))).toEqual({ up: false, tables: [] })
    }
    healthy = true
    expect((await source.measure(roundAt(0))).up).toBe(true)
    expect(log.heard).toEqual([
      `warn neighbours: the endpoint cannot be measured: ${reason}`,
      'info neighbours: the endpoint is measured again',
    ])
  })
})

test('a gzip answer is read', async () => {
  const url = await serving((_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('a 1\n')),
  )
  expect(samplesOf((await endpoint(url).measure(roundAt(0))).tables)).toContainEqual(['a', 1])
})

test('an OpenMetrics answer that was cut off gives what it has and says so', async () => {
  const type = 'application/openmetrics-text; version=1.0.0; charset=utf-8'
  const url = await serving((_, response) => response.writeHead(200, { 'content-type': type }).end('a 1\n'))
  const log = createHeardLog()
  const { tables } = await endpoint(url, { log }).measure(roundAt(0))
  expect(samplesOf(tables)).toContainEqual(['a', 1])
  expect(log.heard.join()).toContain('the exposition does not end with # EOF')
})

test('what tells about the scrape itself cannot come from the endpoint, but with labels it is of something else', async () => {
  const url = await serving((_, response) =>
    response.end(
      'up 7\nup{x=""} 7\nscrape_duration_seconds 7\npgherd_endpoint_bad_lines_total 7\nup{instance="b"} 0\nupper 1\n',
    ),
  )
  expect(samplesOf((await endpoint(url).measure(roundAt(0))).tables)).toEqual([
    ['up{instance="b"}', 0],
    ['upper', 1],
    ['pgherd_endpoint_bad_lines_total', 0],
  ])
})
