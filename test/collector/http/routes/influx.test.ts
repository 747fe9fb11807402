import { expect, test } from 'vitest'
import { startServer } from '../test-server.ts'

// The bodies are those of VictoriaMetrics 1.79 and, for /influx/health, of a later one.
test.each(['/query', '/influx/query', '/prometheus/query', '/insert/0/influx/query'])(
  '%s knows the database that it is asked about',
  async (url) => {
    const server = await startServer()
    const answer = await server.inject({ url, query: { q: 'SHOW DATABASES', db: 'mine' } })
    expect(answer.json()).toEqual({
      results: [{ statement_id: 0, series: [{ name: 'databases', columns: ['name'], values: [['mine']] }] }],
    })
    expect(answer.headers['x-influxdb-version']).toBe('1.8.0')
  },
)

test.each([
  ['GET', '/ping'],
  ['HEAD', '/ping'],
  ['POST', '/influx/ping'],
] as const)('%s %s says that there is somebody', async (method, url) => {
  const server = await startServer()
  const answer = await server.inject({ method, url })
  expect(answer.statusCode).toBe(204)
  expect(answer.headers['x-influxdb-version']).toBe('1.8.0')
})

test('/influx/health passes', async () => {
  const server = await startServer()
  expect((await server.inject({ url: '/influx/health' })).json()).toMatchObject({ status: 'pass' })
})
