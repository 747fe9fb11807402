import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../fleet/trust-lab.ts'
import { startServer } from './test-server.ts'

async function get(socketPath: string, path: string) {
  const request = httpRequest({ socketPath, path, agent: false })
  const answered = once(request, 'response')
  request.end()
  const [response] = (await answered) as [IncomingMessage]
  return { status: response.statusCode, body: await text(response) }
}

test('a Unix socket is served, for its owner and group only, and is gone with the server', async () => {
  const path = join(temporaryDirectory(), 'collector.sock')
  const server = await startServer()
  expect((await server.listen({ path })).url).toBe(`unix:${path}`)
  expect(statSync(path).mode & 0o777).toBe(0o660)
  expect(await get(path, '/health')).toEqual({ status: 200, body: 'OK' })
  expect((await get(path, '/api/v1/query?query=1')).status).toBe(200)
  await server[Symbol.asyncDispose]()
  expect(existsSync(path)).toBe(false)
})

test('a Unix socket that somebody listens on is left to him', async () => {
  const path = join(temporaryDirectory(), 'collector.sock')
  await (await startServer()).listen({ path })
  await expect((await startServer()).listen({ path })).rejects.toMatchObject({ code: 'PORT_TAKEN' })
  expect((await get(path, '/health')).status).toBe(200)
})

test('an address that this machine does not have is one clear sentence', async () => {
  await expect((await startServer()).listen({ host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('cannot listen on 192.0.2.1:0') as string,
  })
})
