import { expect, test } from 'vitest'
import { PgherdError } from '../../../../common/errors.ts'
import type { ErrorCode } from '../../../../common/errors.ts'
import { startServer } from '../test-server.ts'

const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
const payload = Buffer.from([0, 255, 1])

test.each(['', '/prometheus'])(
  '%s/api/v1/write hands over bytes and headers and answers 204',
  async (prefix) => {
    const written: unknown[] = []
    const server = await startServer({
      write: (...given) => {
        written.push(given)
        return Promise.resolve()
      },
    })
    const answer = await server.inject({ method: 'POST', url: `${prefix}/api/v1/write`, headers, payload })
    expect(answer.statusCode).toBe(204)
    expect(answer.body).toBe('')
    expect(written).toEqual([[payload, { contentType: 'application/x-protobuf', contentEncoding: 'snappy' }]])
  },
)

test('a body without a content type is handed over too', async () => {
  const written: Uint8Array[] = []
  const server = await startServer({
    write: (body) => {
      written.push(body)
      return Promise.resolve()
    },
  })
  const answer = await server.inject({ method: 'POST', url: '/api/v1/write', payload })
  expect(answer.statusCode).toBe(204)
  expect(written).toEqual([payload])
})

test.each<[ErrorCode, number, string | undefined]>([
  ['BAD_DATA', 400, undefined],
  ['UNSUPPORTED_ENCODING', 415, undefined],
  ['REQUEST_TOO_LARGE', 413, undefined],
  ['DISK_FULL', 503, '5'],
])('a write that fails with %s is answered %d', async (code, status, retryAfter) => {
  const server = await startServer({ write: () => Promise.reject(new PgherdError(code, 'why')) })
  const answer = await server.inject({ method: 'POST', url: '/api/v1/write', headers, payload })
  expect(answer.statusCode).toBe(status)
  expect(answer.json()).toMatchObject({ status: 'error', error: 'why' })
  expect(answer.headers['retry-after']).toBe(retryAfter)
})

test('a body over the limit is answered 413 and not handed over', async () => {
  let writes = 0
  const server = await startServer({
    limits: { writeBodyBytes: 100 },
    write: () => {
      writes += 1
      return Promise.resolve()
    },
  })
  const answer = await server.inject({
    method: 'POST',
    url: '/api/v1/write',
    headers,
    payload: Buffer.alloc(101),
  })
  expect(answer.statusCode).toBe(413)
  expect(writes).toBe(0)
})
