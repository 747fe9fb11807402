import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createEndpointSource } from '../../../agent/neighbours/endpoint.ts'
import type { EndpointOptions } from '../../../agent/neighbours/endpoint.ts'
import { createEtcdSource } from '../../../agent/neighbours/etcd.ts'
import { createHaproxySource } from '../../../agent/neighbours/haproxy.ts'
import type { Neighbour } from '../../../agent/neighbours/neighbour.ts'
import { createPatroniSource } from '../../../agent/neighbours/patroni.ts'
import { createBatchWriter } from '../../../agent/scrape/batch-writer.ts'
import type { Source } from '../../../agent/scrape/source.ts'
import { silentLog } from '../../../common/log.ts'
import { labelRecord } from '../../../common/series/label-set.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { samplesOf, sampleMap } from './exposition/samples-of.ts'
import { createHeardLog, roundAt } from './probing.ts'
import { serving } from './serving.ts'

const labels = { job: 'app', instance: '10.0.0.1:80' }

function endpoint(url: string, options: Partial<EndpointOptions> = {}): Neighbour {
  const source = createEndpointSource({ url, labels, log: silentLog, ...options })
  onTestFinished(() => source[Symbol.asyncDispose]())
  return source
}

function ownDirectory(): string {
  const directory = createOwnDirectory({ prefix: 'pgherd-neighbours-' })
  onTestFinished(() => directory[Symbol.dispose]())
  return directory.path
}

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

test('an endpoint that is silent, or slow, costs the deadline and is down', async () => {
  const silent = await serving(() => undefined)
  const slow = await serving((_, response) => void response.write('a 1\n'))
  const log = createHeardLog()
  for (const url of [silent, slow]) {
    const startedMs = performance.now()
    expect((await endpoint(url, { log }).measure(roundAt(0, 450))).up).toBe(false)
    expect((await endpoint(url, { log, timeoutMs: 50 }).measure(roundAt(0))).up).toBe(false)
    expect(performance.now() - startedMs).toBeLessThan(1500)
  }
  expect(log.heard[0]).toBe(
    `warn neighbours: the endpoint cannot be measured: ${silent} did not answer within 300 ms`,
  )
})

test('nobody is there: down, and up when somebody is', async () => {
  const gone = 'http://127.0.0.1:1/metrics'
  const log = createHeardLog()
  expect(await endpoint(gone, { log }).measure(roundAt(0))).toEqual({ up: false, tables: [] })
  expect(log.heard).toEqual([
    'warn neighbours: the endpoint cannot be measured: cannot reach http://127.0.0.1:1: ECONNREFUSED',
  ])
})

test('connections are kept between scrapes', async () => {
  const ports = new Set<number | undefined>()
  const url = await serving((request, response) => {
    ports.add(request.socket.remotePort)
    response.end('a 1\n')
  })
  const source = endpoint(url)
  for (let i = 0; i < 3; i++) await source.measure(roundAt(i))
  expect(ports.size).toBe(1)
})

test('a kept connection that is closed in the moment of a request costs no scrape; a second one is down', async () => {
  let requests = 0
  const hangUp = new Set([2, 4, 5, 6])
  const url = await serving((request, response) => {
    if (hangUp.has(++requests)) request.socket.resetAndDestroy()
    else response.end('a 1\n')
  })
  const source = endpoint(url)
  const seen: [boolean, number][] = []
  for (let i = 0; i < 4; i++) seen.push([(await source.measure(roundAt(i))).up, requests])
  expect(seen).toEqual([
    [true, 1],
    [true, 3],
    [false, 5],
    // There was no connection to be kept.
    [false, 6],
  ])
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

test('a result that is given again is the very same table, a new one never is', async () => {
  const url = await serving((_, response) => response.end('a{x="1"} 1\nb 2\n'))
  const own = async (source: Neighbour, atMs: number) =>
    (await source.measure(roundAt(atMs))).tables.filter(
      ({ metrics }) => !metrics.includes('pgherd_endpoint_age_seconds'),
    )
  const [seldom, often] = [endpoint(url, { intervalMs: 30_000 }), endpoint(url)]
  const [first, second, third] = [await own(seldom, 0), await own(seldom, 10_000), await own(seldom, 30_000)]
  const [fourth, fifth] = [await own(often, 0), await own(often, 10_000)]
  expect(first).toHaveLength(3)
  for (const [i, table] of first.entries()) {
    expect(second[i]).toBe(table)
    expect(third[i]).not.toBe(table)
    expect(fifth[i]).not.toBe(fourth[i])
  }
})

test('an end in the middle of a request ends it', async () => {
  let asked = (): void => undefined
  const request = new Promise<void>((resolve) => (asked = resolve))
  const source = createEndpointSource({
    url: await serving(() => asked()),
    labels,

    log: silentLog,
  })
  const measuring = source.measure(roundAt(0, 60_000))
  await request
  await source[Symbol.asyncDispose]()
  expect(await measuring).toEqual({ up: false, tables: [] })
})

describe('with an interval of its own', () => {
  test('the result is repeated with its age until it is due', async () => {
    let asked = 0
    const url = await serving((_, response) => response.end(`a ${++asked}\n`))
    const source = endpoint(url, { intervalMs: 30_000 })
    const seen: unknown[] = []
    for (const atMs of [0, 10_000, 20_000, 30_000, 40_000, 5_000]) {
      const samples = sampleMap((await source.measure(roundAt(atMs))).tables)
      seen.push([samples.get('a'), samples.get('pgherd_endpoint_age_seconds')])
    }
    expect(seen).toEqual([
      [1, 0],
      [1, 10],
      [1, 20],
      [2, 0],
      [2, 10],
      // The clock was set back.
      [3, 0],
    ])
  })

  test('one that is down is asked again at once, one that hangs only when it is due', async () => {
    let mode = 'down'
    let asked = 0
    const url = await serving((_, response) => {
      asked++
      if (mode === 'down') response.writeHead(500).end()
      if (mode === 'up') response.end('a 1\n')
    })
    const source = endpoint(url, { intervalMs: 30_000, timeoutMs: 100 })
    const up = async (atMs: number): Promise<boolean> => (await source.measure(roundAt(atMs))).up
    expect([await up(0), await up(10_000)]).toEqual([false, false])
    expect(asked).toBe(2)
    mode = 'hung'
    expect([await up(20_000), await up(30_000), await up(40_000)]).toEqual([false, false, false])
    expect(asked).toBe(3)
    mode = 'up'
    expect(await up(50_000)).toBe(true)
  })
})

describe('secrets', () => {
  test('come from files, go into headers and nowhere else', async () => {
    const directory = ownDirectory()
    const file = join(directory, 'secret')
    writeFileSync(file, 's3cret\nsecond line\n')
    let seen: IncomingHttpHeaders = {}
    const url = await serving((request, response) => {
      seen = request.headers
      response.writeHead(403).end()
    })
    const log = createHeardLog()
    const withPassword = endpoint(url, { log, basicAuth: { username: 'me', passwordFile: file } })
    await withPassword.measure(roundAt(0))
    expect(seen.authorization).toBe(`Basic ${Buffer.from('me:s3cret').toString('base64')}`)
    writeFileSync(file, 'ch4nged')
    await withPassword.measure(roundAt(0))
    expect(seen.authorization).toBe(`Basic ${Buffer.from('me:ch4nged').toString('base64')}`)
    await endpoint(url, { log, bearerTokenFile: file, headers: { 'x-scope': 'a' } }).measure(roundAt(0))
    expect(seen).toMatchObject({ authorization: 'Bearer ch4nged', 'x-scope': 'a' })
    const inUrl = url.replace('//', '//u:s3cret@').concat('/metrics?token=s3cret')
    await endpoint(inUrl, { log }).measure(roundAt(0))
    await endpoint('http://u:s3cret@127.0.0.1:1/?token=s3cret', { log }).measure(roundAt(0))
    rmSync(file)
    await endpoint(url, { log, bearerTokenFile: file }).measure(roundAt(0))
    expect(log.heard.at(-1)).toContain(`cannot read ${file}: ENOENT`)
    expect(log.heard.join('\n')).not.toMatch(/s3cret|ch4nged/)
  })

  test('a URL that is none is told without its text', () => {
    expect(() => endpoint('ftp://u:s3cret@h/')).toThrow('begins with http:// or https://')
    expect(() => endpoint('ftp://u:s3cret@h/')).not.toThrow('s3cret')
  })
})

test('https asks for the given authority and shows the given certificate; renewed files are read', async () => {
  const certificate = fileURLToPath(new URL('../postgres/tls/server.crt', import.meta.url))
  const key = fileURLToPath(new URL('../postgres/tls/server.key', import.meta.url))
  const own = readFileSync(certificate, 'utf8')
  const server = createServer(
    { cert: own, key: readFileSync(key), ca: own, requestCert: true, rejectUnauthorized: true },
    (_, response) => response.end('a 1\n'),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
  const up = async (options: Partial<EndpointOptions>): Promise<boolean> =>
    (await endpoint(url, options).measure(roundAt(0))).up
  expect(await up({})).toBe(false)
  expect(await up({ tls: { caFile: certificate } })).toBe(false)
  expect(await up({ tls: { caFile: certificate, certFile: certificate, keyFile: key } })).toBe(true)

  const caFile = join(ownDirectory(), 'ca.crt')
  const source = endpoint(url, { tls: { caFile, certFile: certificate, keyFile: key } })
  expect((await source.measure(roundAt(0))).up).toBe(false)
  writeFileSync(caFile, '')
  expect((await source.measure(roundAt(0))).up).toBe(false)
  writeFileSync(caFile, own)
  expect((await source.measure(roundAt(0))).up).toBe(true)
})

describe('known kinds', () => {
  const common = {
    labelsFor: (job: string, port: number) => ({ job, instance: `10.0.0.1:${port}` }),

    log: silentLog,
  }

  test('have their job and the port of their URL', async () => {
    await using patroni = createPatroniSource(common)
    await using haproxy = createHaproxySource({ ...common, url: 'https://localhost/metrics' })
    await using etcd = createEtcdSource({ ...common, url: 'http://10.0.0.1:12379/metrics' })
    expect([patroni.labels, haproxy.labels, etcd.labels]).toEqual([
      { job: 'pgsql', instance: '10.0.0.1:8008' },
      { job: 'node', instance: '10.0.0.1:443' },
      { job: 'etcd', instance: '10.0.0.1:12379' },
    ])
  })

  // What Patroni 2.0 does, which cannot be had: an unknown path is a health check that fails.
  test('a Patroni without /metrics is called old', async () => {
    const url = await serving((_, response) =>
      response.writeHead(503, { 'content-type': 'application/json' }).end('{"state": "running"}'),
    )
    const log = createHeardLog()
    await using patroni = createPatroniSource({ ...common, url, log })
    expect((await patroni.measure(roundAt(0))).up).toBe(false)
    expect(log.heard).toEqual([
      'warn neighbours: the endpoint cannot be measured: it answered with status 503: this Patroni has no metrics, which came with version 2.1',
    ])
  })

  test('the default lists can be replaced', async () => {
    const url = await serving((_, response) =>
      response.end('etcd_server_id 1\ngrpc_server_handled_total 1\n'),
    )
    const names = async (keep?: readonly string[]): Promise<readonly string[]> => {
      await using etcd = createEtcdSource({ ...common, url, ...(keep === undefined ? {} : { keep }) })
      return (await etcd.measure(roundAt(0))).tables.flatMap(({ metrics }) => metrics)
    }
    expect(await names()).toContain('etcd_server_id')
    expect(await names()).not.toContain('grpc_server_handled_total')
    expect(await names(['grpc_.*'])).toContain('grpc_server_handled_total')
  })
})
