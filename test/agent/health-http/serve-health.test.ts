import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { serveHealth } from '../../../agent/health-http/serve-health.ts'
import type { HealthServer } from '../../../agent/health-http/serve-health.ts'
import { someHealth } from '../../common/health/some-health.ts'

function serve(port = 0): Promise<HealthServer> {
  return serveHealth({
    address: { host: '127.0.0.1', port },
    current: () => someHealth(),
    servers: () => ['pg-main-1'],
    now: () => 1_000_500,
    staleMs: 3_000,
    isCompatible: false,
    onAnswer: () => undefined,
  })
}

test('tells over HTTP why, in a header', async () => {
  await using server = await serve()
  const answer = await fetch(`${server.url}/replica`)
  await answer.text()
  expect([answer.status, answer.headers.get('x-pgherd-reason')]).toEqual([503, 'it is not a replica'])
})

test.each(['HEAD', 'OPTIONS'])('answers %s as load balancers send it', async (method) => {
  await using server = await serve()
  const { status, body } = await new Promise<{ status: number | undefined; body: string }>(
    (resolve, reject) => {
      request(`${server.url}/primary`, { method }, (answer) => {
        text(answer).then((body) => resolve({ status: answer.statusCode, body }), reject)
      })
        .once('error', reject)
        .end()
    },
  )
  expect({ status, body }).toEqual({ status: 200, body: '' })
})

test("answers HAProxy's HTTP/1.0 check without a Host header", async () => {
  await using server = await serve()
  const { hostname, port } = new URL(server.url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.write('OPTIONS /primary HTTP/1.0\r\n\r\n')
  expect(await text(socket)).toMatch(/^HTTP\/1\.[01] 200 OK\r\n/)
})

test('a port that is taken is said with the port', async () => {
  await using server = await serve()
  const port = Number(new URL(server.url).port)
  await expect(serve(port)).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: `another process already listens on 127.0.0.1:${port}`,
  })
})

/** All bytes that come for what is written, until the other side ends the connection. */
async function exchange(server: HealthServer, ...pieces: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(server.url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  const answer = text(socket)
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) await new Promise((resolve) => setTimeout(resolve, 20))
    socket.write(piece)
  }
  return answer
}

const undated = (answer: string): string => answer.replaceAll(/Date: .*/g, 'Date: now')

test.each([
  ['GET', '/primary'],
  ['HEAD', '/patroni'],
  ['OPTIONS', '/replica?lag=1xb'],
  ['GET', '/nowhere'],
  ['GET', '/metrics'],
])('a plain request (%s %s) gets the bytes that node:http answers with', async (method, target) => {
  await using server = await serve()
  for (const [version, more] of [
    ['1.0', ''],
    ['1.1', 'Host: a\r\nConnection: close\r\n'],
  ] as const) {
    const head = `${method} ${target} HTTP/${version}\r\n${more}`
    const plain = await exchange(server, `${head}\r\n`)
    const whole = await exchange(server, `${head}Content-Length: 0\r\n\r\n`)
    expect(plain).toMatch(/^HTTP\/1\.1 \d{3} /)
    expect(undated(plain)).toBe(undated(whole))
  }
})

test('one connection has plain requests, requests in pieces, several at once, and a last one', async () => {
  await using server = await serve()
  const kept = 'GET /primary HTTP/1.1\r\nHost: a\r\n\r\n'
  const last = 'GET /replica HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
  const answers = await exchange(server, kept, kept, kept.slice(0, 9), kept.slice(9), kept + kept, last)
  expect([...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status)).toEqual([
    ...['200', '200', '200', '200', '200', '503'],
  ])
  expect([...answers.matchAll(/^Keep-Alive: timeout=30\r$/gm)]).toHaveLength(5)
})

test('what is no HTTP is answered with 400 and ends the connection', async () => {
  await using server = await serve()
  expect(await exchange(server, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
})

test('the end of the server ends connections of both kinds', async () => {
  const server = await serve()
  const kept = 'GET /primary HTTP/1.1\r\nHost: a\r\n\r\n'
  const { hostname, port } = new URL(server.url)
  const answers = [kept, kept.replace('\r\n\r\n', '\r\nContent-Length: 0\r\n\r\n')].map(async (request) => {
    const socket = connect({ host: hostname, port: Number(port) })
    const ended = text(socket).catch((error: unknown) => String(error))
    await new Promise((resolve) => socket.once('data', resolve).write(request))
    return { ended }
  })
  const open = await Promise.all(answers)
  await server[Symbol.asyncDispose]()
  for (const { ended } of open) await ended
})

test('clients that hold every connection do not keep a load balancer from its answer', async () => {
  await using server = await serve()
  const { hostname, port } = new URL(server.url)
  const holders = Array.from({ length: 300 }, (_, i) => {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.on('error', () => undefined)
    // Some are slow in the middle of a request, others keep what they have asked over.
    socket.write(i % 2 === 0 ? 'GET /prim' : 'GET /primary HTTP/1.1\r\nHost: a\r\n\r\n')
    return socket
  })
  await Promise.all(holders.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
  try {
    const last = 'GET /primary HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    expect(await exchange(server, last)).toMatch(/^HTTP\/1\.1 200 /)
  } finally {
    for (const socket of holders) socket.destroy()
  }
})

test('a client that asks without end and reads nothing is cut off', async () => {
  await using server = await serve()
  const { hostname, port } = new URL(server.url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.on('error', () => undefined)
  const ended = new Promise((resolve) => socket.once('close', resolve))
  socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5_000))
  await ended
  expect((await fetch(`${server.url}/primary`)).status).toBe(200)
})
