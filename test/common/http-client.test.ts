import { createServer } from 'node:http'
import type { RequestListener, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createHttpClient } from '../../common/http-client.ts'

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('any status is an answer, with its headers and body', async () => {
  const url = await serving((request, response) => {
    response.writeHead(503, { 'Retry-After': '7' })
    request.pipe(response)
  })
  using client = createHttpClient()
  const answer = await client.send({ method: 'POST', url, body: 'hello', timeoutMs: 5000 })
  expect(answer.status).toBe(503)
  expect(answer.headers['retry-after']).toBe('7')
  expect(new TextDecoder().decode(answer.body)).toBe('hello')
})

test('a server that never answers costs the deadline and no more', async () => {
  const url = await serving(() => undefined)
  using client = createHttpClient()
  await expect(client.send({ method: 'GET', url, timeoutMs: 50 })).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: `${url} did not answer within 50 ms`,
  })
})

test('the deadline covers the body too', async () => {
  const url = await serving((_, response) => void response.write('half'))
  using client = createHttpClient()
  await expect(client.send({ method: 'GET', url, timeoutMs: 100 })).rejects.toMatchObject({
    code: 'TIMED_OUT',
  })
})

test('a refused connection is UNREACHABLE and does not print a password from the URL', async () => {
  using client = createHttpClient()
  const failure = client.send({ method: 'GET', url: 'http://u:secret@127.0.0.1:1/x', timeoutMs: 5000 })
  await expect(failure).rejects.toMatchObject({ code: 'UNREACHABLE' })
  await expect(failure).rejects.not.toThrow(/secret/)
})

test('a server that speaks no TLS is told from one that is away', async () => {
  const url = await serving((_, response) => response.end())
  using client = createHttpClient()
  const request = client.send({ method: 'GET', url: url.replace('http:', 'https:'), timeoutMs: 5_000 })
  await expect(request).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringMatching(/EPROTO, it does not speak TLS as we do$/) as unknown,
  })
})

test('an abort is CANCELLED', async () => {
  const url = await serving(() => undefined)
  using client = createHttpClient()
  const controller = new AbortController()
  const answer = client.send({ method: 'GET', url, timeoutMs: 60_000, signal: controller.signal })
  controller.abort()
  await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' })
})

test('an answer over the limit is refused instead of filling the memory', async () => {
  const url = await serving((_, response) => response.end('x'.repeat(1000)))
  using client = createHttpClient()
  await expect(
    client.send({ method: 'GET', url, timeoutMs: 5000, maxAnswerBytes: 999 }),
  ).rejects.toMatchObject({ code: 'BAD_DATA' })
})

test.each([
  ['is too long', (response: ServerResponse) => response.end('x'.repeat(1_000_000))],
  ['never ends', (response: ServerResponse) => response.write('x'.repeat(100))],
  [
    'breaks off',
    (response: ServerResponse) =>
      response.write('x'.repeat(100), () => setImmediate(() => response.destroy())),
  ],
])('to a caller who goes by the status, an answer whose body %s is an answer', async (_, write) => {
  const url = await serving((_, response) => {
    response.writeHead(400)
    write(response)
  })
  using client = createHttpClient()
  const request = {
    method: 'GET',
    url,
    timeoutMs: 30_000,
    maxAnswerBytes: 100,
    onlyStatusMatters: true,
  } as const
  const answer = await client.send(request)
  expect(answer.status).toBe(400)
  expect(Buffer.from(answer.body).toString()).toBe('x'.repeat(100))
  expect((await client.send(request)).status).toBe(400)
})

test('a stream gives the body as it comes, and the deadline covers it too', async () => {
  const url = await serving((_, response) => void response.write('half'))
  using client = createHttpClient()
  const { status, body } = await client.stream({ method: 'GET', url, timeoutMs: 300 })
  const parts: string[] = []
  const reading = (async () => {
    for await (const part of body) parts.push(new TextDecoder().decode(part))
  })()
  await expect(reading).rejects.toMatchObject({ code: 'TIMED_OUT' })
  expect({ status, parts }).toEqual({ status: 200, parts: ['half'] })
})

test('whoever stops reading a stream ends the transfer', async () => {
  const ended = Promise.withResolvers<undefined>()
  const url = await serving((_, response) => {
    response.on('close', () => ended.resolve(undefined))
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    }
    response.on('drain', more)
    more()
  })
  using client = createHttpClient()
  const { body } = await client.stream({ method: 'GET', url, timeoutMs: 5_000 })
  for await (const part of body) {
    expect(part.length).toBeGreaterThan(0)
    break
  }
  await ended.promise
})
