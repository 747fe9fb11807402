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
