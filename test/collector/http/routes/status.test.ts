import { Counter, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { startServer } from '../test-server.ts'

test('the collector is healthy from the beginning and ready once it has started', async () => {
  let ready = false
  const server = await startServer({ isReady: () => ready })
  expect((await server.inject({ url: '/health' })).body).toBe('OK')
  expect((await server.inject({ url: '/-/healthy' })).statusCode).toBe(200)
  expect((await server.inject({ url: '/-/ready' })).statusCode).toBe(503)
  ready = true
  expect((await server.inject({ url: '/-/ready' })).statusCode).toBe(200)
})

test('/metrics shows the registry and the durations of requests by route', async () => {
  const registry = new Registry()
  new Counter({ name: 'pgherd_test_total', help: 'Test.', registers: [registry] }).inc(3)
  const server = await startServer({ registry })
  await server.inject({ url: '/api/v1/label/job/values' })
  await server.inject({ url: '/no/such/path' })
  const answer = await server.inject({ url: '/metrics' })
  expect(answer.headers['content-type']).toContain('text/plain; version=0.0.4')
  expect(answer.body).toContain('pgherd_test_total 3')
  const count = 'pgherd_collector_http_request_duration_seconds_count'
  expect(answer.body).toContain(`${count}{method="GET",route="/api/v1/label/:name/values",code="200"} 1`)
  expect(answer.body).toContain(`${count}{method="GET",route="unknown",code="404"} 1`)
})

test('buildinfo names a Prometheus version that Grafana knows how to talk to', async () => {
  const server = await startServer()
  const { data } = (await server.inject({ url: '/api/v1/status/buildinfo' })).json<{
    data: { version: string }
  }>()
  expect(data.version).toMatch(/^3\.\d+\.\d+$/)
  expect(data).not.toHaveProperty('features')
})

test('an unknown path is a 404 in the shape of every other error', async () => {
  const server = await startServer()
  const answer = await server.inject({ url: '/api/v1/nothing?x=1' })
  expect(answer.statusCode).toBe(404)
  expect(answer.json()).toEqual({
    status: 'error',
    errorType: 'not_found',
    error: 'GET /api/v1/nothing does not exist',
  })
})

test('HEAD answers like GET, without a body', async () => {
  const server = await startServer()
  const answer = await server.inject({ method: 'HEAD', url: '/api/v1/query?query=1' })
  expect(answer.statusCode).toBe(200)
  expect(answer.body).toBe('')
})

test('every answer forbids scripts of others and guessing of types', async () => {
  const server = await startServer()
  for (const url of ['/', '/health', '/nothing']) {
    const { headers } = await server.inject({ url })
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['content-security-policy']).toContain("default-src 'self'")
    expect(headers['content-security-policy']).not.toContain('unsafe')
  }
})
