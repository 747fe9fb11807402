import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { expect, test, vi } from 'vitest'
import { PgherdError } from '../../../../common/errors.ts'
import type { ErrorCode } from '../../../../common/errors.ts'
import type { HttpDependencies } from '../../../../collector/http/dependencies.ts'
import type { WriteOutcome } from '../../../../collector/http/insert-service.ts'
import { noInsert, startServer } from '../test-server.ts'

const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
const payload = Buffer.from([0, 255, 1])

/** Remembers what it was given. */
function recording(outcome: WriteOutcome = {}) {
  const written: unknown[][] = []
  const insert: HttpDependencies['insert'] = {
    ...noInsert,
    write: (...given) => {
      written.push(given)
      return Promise.resolve(outcome)
    },
  }
  return { written, insert }
}

test.each(['/api/v1/write', '/api/v1/push', '/prometheus/api/v1/write', '/insert/0/prometheus/api/v1/write'])(
  '%s hands over bytes, headers and extra labels, and answers 204',
  async (url) => {
    const { written, insert } = recording()
    const server = await startServer({ insert })
    const query = { extra_label: ['a=b', 'c=d'] }
    const answer = await server.inject({ method: 'POST', url, query, headers, payload })
    expect(answer.statusCode).toBe(204)
    expect(answer.body).toBe('')
    expect(answer.headers['x-prometheus-remote-write-samples-written']).toBeUndefined()
    expect(written).toEqual([
      [payload, { contentType: 'application/x-protobuf', contentEncoding: 'snappy' }, ['a=b', 'c=d']],
    ])
  },
)

test('a body without a content type is handed over too', async () => {
  const { written, insert } = recording()
  const server = await startServer({ insert })
  const answer = await server.inject({ method: 'POST', url: '/api/v1/write', payload })
  expect(answer.statusCode).toBe(204)
  expect(written.map(([body]) => body)).toEqual([payload])
})

test('a sender that asks for the version of its protocol learns it', async () => {
  const { written, insert } = recording()
  const server = await startServer({ insert })
  const answer = await server.inject({ method: 'POST', url: '/api/v1/write?get_vm_proto_version=1' })
  expect([answer.statusCode, answer.body, written]).toEqual([200, '1', []])
})

test('remote write 2.0 learns how much was written', async () => {
  const { insert } = recording({ v2: { samplesWritten: 7, refused: undefined } })
  const server = await startServer({ insert })
  const answer = await server.inject({ method: 'POST', url: '/api/v1/write', headers, payload })
  expect(answer.statusCode).toBe(204)
  expect(answer.headers).toMatchObject({
    'x-prometheus-remote-write-samples-written': '7',
    'x-prometheus-remote-write-histograms-written': '0',
    'x-prometheus-remote-write-exemplars-written': '0',
  })
})

test('remote write 2.0 is answered 400 when a part was refused, with what was written', async () => {
  const { insert } = recording({ v2: { samplesWritten: 7, refused: '2 of them were bad' } })
  const server = await startServer({ insert })
  const answer = await server.inject({ method: 'POST', url: '/api/v1/write', headers, payload })
  expect([answer.statusCode, answer.body]).toEqual([400, '2 of them were bad\n'])
  expect(answer.headers['x-prometheus-remote-write-samples-written']).toBe('7')
})

test.each<[ErrorCode, number, string | undefined]>([
  ['BAD_DATA', 400, undefined],
  ['UNSUPPORTED_ENCODING', 415, undefined],
  ['REQUEST_TOO_LARGE', 413, undefined],
  ['DISK_FULL', 503, '5'],
])('a write that fails with %s is answered %d', async (code, status, retryAfter) => {
  const server = await startServer({
    insert: { ...noInsert, write: () => Promise.reject(new PgherdError(code, 'why')) },
  })
  const answer = await server.inject({ method: 'POST', url: '/api/v1/write', headers, payload })
  expect(answer.statusCode).toBe(status)
  expect(answer.body).toBe('why\n')
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
  expect(answer.headers['retry-after']).toBe(retryAfter)
})

test('a body over the limit is answered 413 and not handed over', async () => {
  const { written, insert } = recording()
  const server = await startServer({ limits: { writeBodyBytes: 100 }, insert })
  const answer = await server.inject({
    method: 'POST',
    url: '/api/v1/write',
    headers,
    payload: Buffer.alloc(101),
  })
  expect(answer.statusCode).toBe(413)
  expect(written).toEqual([])
})

test('a write for which there is no room in memory is answered 503, to come again later', async () => {
  const stored = Promise.withResolvers<WriteOutcome>()
  let bodies = 0
  const insert = {
    ...noInsert,
    write: () => {
      bodies++
      return stored.promise
    },
  }
  const server = await startServer({ limits: { writingBytes: 4, waitingWrites: 0 }, insert })
  const write = () => server.inject({ method: 'POST', url: '/api/v1/write', headers, payload })
  const first = write()
  await vi.waitFor(() => expect(bodies).toBe(1))
  const second = await write()
  expect(second.statusCode).toBe(503)
  expect(second.headers['retry-after']).toBe('5')
  expect(second.body).toBe(
    '4 bytes of samples are being written already, which is the limit; send them again later\n',
  )
  stored.resolve({})
  expect((await first).statusCode).toBe(204)
  expect((await write()).statusCode).toBe(204)
})

test('a body of unknown length over the limit is answered 413 as soon as it is over', async () => {
  const { written, insert } = recording()
  const server = await startServer({ limits: { writeBodyBytes: 100 }, insert })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const sent = request(`${url}/api/v1/write`, { method: 'POST', headers })
  // The server closes the connection of a body that does not end.
  sent.on('error', () => undefined)
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>
  sent.write(Buffer.alloc(101))
  const [answer] = await answered
  expect(answer.statusCode).toBe(413)
  expect(answer.headers.connection).toBe('close')
  expect(written).toEqual([])
  sent.destroy()
})

test('a sender that goes away within its body leaves no room taken', async () => {
  const { written, insert } = recording()
  const server = await startServer({ limits: { writingBytes: 10, waitingWrites: 0 }, insert })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const sent = request(`${url}/api/v1/write`, {
    method: 'POST',
    headers: { ...headers, 'content-length': 10 },
  })
  sent.on('error', () => undefined)
  sent.write(Buffer.alloc(5))
  const taken = async () => {
    const text = (await server.inject({ url: '/metrics' })).body
    return Number(/^pgherd_collector_http_writing_bytes (\d+)$/m.exec(text)?.[1])
  }
  await vi.waitFor(async () => expect(await taken()).toBe(10))
  sent.destroy()
  await vi.waitFor(async () => expect(await taken()).toBe(0))
  expect(written).toEqual([])
})
