import { expect, test } from 'vitest'
import { startServer } from './test-server.ts'

const foreign = [{ origin: 'http://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]

test.each(foreign)('samples are not taken from the page of another site (%j)', async (headers) => {
  const server = await startServer()
  for (const url of ['/api/v1/write', '/api/v1/import', '/prometheus/api/v1/import/prometheus']) {
    const answer = await server.inject({ method: 'POST', url, headers, payload: 'a 1' })
    expect(answer.statusCode).toBe(403)
  }
})

test('an own page and clients that are no browser are let through', async () => {
  const server = await startServer()
  for (const headers of [
    {},
    { origin: 'http://localhost:8432', host: 'localhost:8432' },
    { 'sec-fetch-site': 'same-origin' },
  ]) {
    const answer = await server.inject({ method: 'POST', url: '/api/v1/import', headers, payload: '' })
    expect(answer.statusCode).toBe(204)
  }
})
