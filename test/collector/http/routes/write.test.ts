import { expect, test } from 'vitest'
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
