import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { HttpDependencies } from '../../../../collector/http/dependencies.ts'
import type { InsertRequest, LineFormat } from '../../../../collector/http/insert-service.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { noInsert, startServer } from '../test-server.ts'

/** Remembers what it was given. */
function recording() {
  const imports: { format: LineFormat; body: string; request: InsertRequest }[] = []
  const insert: HttpDependencies['insert'] = {
    ...noInsert,
    async importLines(format, body, request) {
      imports.push({ format, body: await text(body), request })
    },
  }
  return { imports, insert }
}

test.each([
  ['/api/v1/import', 'json'],
  ['/prometheus/api/v1/import', 'json'],
  ['/insert/0/prometheus/api/v1/import', 'json'],
  ['/api/v1/import/prometheus', 'prometheus'],
  ['/api/v1/import/csv', 'csv'],
  ['/write', 'influx'],
  ['/influx/write', 'influx'],
  ['/api/v2/write', 'influx'],
  ['/influx/api/v2/write', 'influx'],
  ['/insert/0/influx/write', 'influx'],
])('%s hands over a body of %s and answers 204', async (url, format) => {
  const { imports, insert } = recording()
  const server = await startServer({ insert })
  const answer = await server.inject({
    method: 'POST',
    url: `${url}?extra_label=a=b`,
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    payload: 'lines',
  })
  expect([answer.statusCode, answer.body]).toEqual([204, ''])
  expect(imports).toMatchObject([
    { format, body: 'lines', request: { contentType: 'application/json', contentEncoding: 'gzip' } },
  ])
  expect(imports[0]?.request.parameters.getAll('extra_label')).toEqual(['a=b'])
})

test.each(['POST', 'PUT'] as const)(
  '%s to a path of the push gateway hands over its labels',
  async (method) => {
    const { imports, insert } = recording()
    const server = await startServer({ insert })
    const url = '/api/v1/import/prometheus/metrics/job@base64/YS9i/instance/x%20y?timestamp=1'
    const answer = await server.inject({ method, url, payload: 'm 1' })
    expect(answer.statusCode).toBe(200)
    expect(imports).toMatchObject([
      {
        format: 'prometheus',
        body: 'm 1',
        request: {
          labels: [
            ['job', 'a/b'],
            ['instance', 'x y'],
          ],
        },
      },
    ])
    expect(imports[0]?.request.parameters.get('timestamp')).toBe('1')
  },
)

test('what is wrong is told as a line of text', async () => {
  const server = await startServer({
    insert: { ...noInsert, importLines: () => Promise.reject(new PgherdError('BAD_DATA', 'line 3: what')) },
  })
  const answer = await server.inject({ method: 'POST', url: '/api/v1/import', payload: '{' })
  expect([answer.statusCode, answer.body]).toEqual([400, 'line 3: what\n'])
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
  expect(answer.headers.connection).toBe('close')
})

/** The types of fetch do not know what it needs for a body that is a stream. */
function streamed(body: ReadableStream<Uint8Array>): RequestInit {
  const request = { method: 'POST', body, duplex: 'half' }
  return request
}

test('a body has no limit and none of it waits in memory', async () => {
  let received = 0
  const server = await startServer({
    insert: {
      ...noInsert,
      async importLines(_format, body) {
        for await (const chunk of body) received += chunk.length
      },
    },
  })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const chunk = new Uint8Array(1 << 20)
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent++ < 40) controller.enqueue(chunk)
      else controller.close()
    },
  })
  const answer = await fetch(`${url}/api/v1/import`, streamed(body))
  expect(answer.status).toBe(204)
  expect(received).toBe(40 << 20)
})

test('a sender that falls silent is given up', async () => {
  let ended: unknown
  const server = await startServer({
    limits: { requestTimeoutMs: 50 },
    insert: {
      ...noInsert,
      async importLines(_format, body) {
        try {
          for await (const chunk of body) if (chunk.length === 0) break
        } catch (error) {
          ended = error
          throw error
        }
      },
    },
  })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(Buffer.from('x')) })
  await expect(fetch(`${url}/api/v1/import`, streamed(body))).rejects.toThrow()
  expect(ended).toMatchObject({ code: 'TIMED_OUT' })
})

test.each([
  ['a body in full', '/api/v1/write', { 'content-length': '5' }],
  ['a body in chunks', '/api/v1/write', { 'transfer-encoding': 'chunked' }],
])('%s that does not come in time is answered 408', async (_what, path, headers) => {
  const server = await startServer({ limits: { requestTimeoutMs: 50 } })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${head.join('')}\r\n`)
  expect(await text(socket)).toContain('408 Request Timeout')
})

test('of many imports at a time some wait, and are answered 503 when that takes too long', async () => {
  const first = Promise.withResolvers<undefined>()
  const server = await startServer({
    limits: { concurrentImports: 1, maxWaitMs: 20 },
    insert: { ...noInsert, importLines: () => first.promise },
  })
  const post = () => server.inject({ method: 'POST', url: '/api/v1/import', payload: 'x' })
  const answers = [post(), post()]
  const refused = await Promise.race(answers)
  expect(refused.statusCode).toBe(503)
  expect(refused.headers['retry-after']).toBeDefined()
  first.resolve(undefined)
  expect((await Promise.all(answers)).map(({ statusCode }) => statusCode).sort()).toEqual([204, 503])
})
