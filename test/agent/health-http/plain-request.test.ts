import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readPlainRequest } from '../../../agent/health-http/plain-request.ts'

const read = (text: string) => readPlainRequest(Buffer.from(text, 'latin1'))

describe('a whole request without a body is plain', () => {
  test.each([
    ["HAProxy's check", 'OPTIONS /primary HTTP/1.0\r\n\r\n', 'OPTIONS', '/primary', false],
    [
      'one with HTTP/1.1',
      'GET /replica?lag=1MB HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET',
      '/replica?lag=1MB',
      true,
    ],
    [
      'one that wants to be the last',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      'GET',
      '/',
      false,
    ],
    ['HTTP/1.0 that stays', 'HEAD / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n', 'HEAD', '/', true],
  ])('%s', (_what, text, method, target, staysOpen) => {
    expect(read(text)).toEqual({ method, target, staysOpen })
  })
})

describe('everything else is left to node:http', () => {
  test.each([
    ['a part', 'GET / HTTP/1.1\r\nHost: a\r\n'],
    ['two requests', 'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a body', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx'],
    ['a length of none', 'GET / HTTP/1.1\r\nHost: a\r\ncontent-length: 0\r\n\r\n'],
    ['chunks', 'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['an upgrade', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'],
    [
      'two wishes for the connection',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n',
    ],
    ['no host', 'GET / HTTP/1.1\r\nAccept: a\r\n\r\n'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['another method', 'POST / HTTP/1.0\r\n\r\n'],
    ['a header that goes on in the next line', 'GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n'],
    ['a blank before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'],
    ['bare line feeds', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['what is not ASCII', 'GET /\xfc HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00'],
    ['what is long', `GET /${'a'.repeat(3_000)} HTTP/1.0\r\n\r\n`],
  ])('%s', (_what, text) => {
    expect(read(text)).toBeUndefined()
  })
  test('nothing that comes over a connection makes it throw or takes it long', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), (bytes) => void readPlainRequest(Buffer.from(bytes))),
    )
    const hostile = `GET / HTTP/1.1\r\n${'a:'.repeat(900)}\r\n`
    const startMs = performance.now()
    for (let i = 0; i < 100; i++) read(hostile)
    expect(performance.now() - startMs).toBeLessThan(1_000)
  })
})
