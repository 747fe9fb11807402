import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createEndpointSource } from '../../../agent/neighbours/endpoint.ts'
import type { EndpointOptions } from '../../../agent/neighbours/endpoint.ts'
import { silentLog } from '../../../common/log.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { createHeardLog, roundAt } from './probing.ts'
import { serving } from './serving.ts'
import { endpoint, labels } from './test-endpoint.ts'

function ownDirectory(): string {
  const directory = createOwnDirectory({ prefix: 'pgherd-neighbours-' })
  onTestFinished(() => directory[Symbol.dispose]())
  return directory.path
}

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
