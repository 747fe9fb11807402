import { expect, test } from 'vitest'
import { PgherdError } from '../../../../common/errors.ts'
import { noInsert, startServer } from '../test-server.ts'

test.each([
  '/api/v1/otlp/v1/metrics',
  '/prometheus/api/v1/otlp/v1/metrics',
  '/opentelemetry/v1/metrics',
  '/opentelemetry/api/v1/push',
  '/insert/0/opentelemetry/v1/metrics',
])('%s answers 200 with what the ingest stage says', async (url) => {
  const given: unknown[] = []
  const server = await startServer({
    insert: {
      ...noInsert,
      otlp: (body, request) => {
        given.push(Buffer.from(body).toString(), request.contentType, request.contentEncoding)
        return Promise.resolve({ contentType: 'application/json', body: Buffer.from('{}') })
      },
    },
  })
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
  const answer = await server.inject({ method: 'POST', url, headers, payload: 'metrics' })
  expect([answer.statusCode, answer.body, answer.headers['content-type']]).toEqual([
    200,
    '{}',
    'application/json',
  ])
  expect(given).toEqual(['metrics', 'application/json', 'gzip'])
})

test('what is no OTLP is refused', async () => {
  const server = await startServer({
    insert: { ...noInsert, otlp: () => Promise.reject(new PgherdError('BAD_DATA', 'what is this')) },
  })
  const answer = await server.inject({ method: 'POST', url: '/opentelemetry/v1/metrics', payload: 'x' })
  expect([answer.statusCode, answer.body]).toEqual([400, 'what is this\n'])
})
