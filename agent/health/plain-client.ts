import { connect } from 'node:net'
import { PgherdError, systemCodeOf } from '../../common/errors.ts'
import type { HttpAnswer, HttpClient, HttpRequest } from '../../common/http-client.ts'

/** What it knows of a request: a GET over http, whose answer is bounded. */
type PlainRequest = Pick<HttpRequest, 'url' | 'headers' | 'timeoutMs' | 'signal' | 'maxAnswerBytes'>

const usualMaxBytes = 1 << 20

/**
 * A client for a server that ends the connection after each answer, as Patroni does. It asks as HTTP/1.0 (RFC 1945), so that
 * an answer comes whole and ends with the connection, which takes half of what Node's client takes: its agents and parsers are of no
 * use then. GET over http only.
 */
export function createPlainClient(): HttpClient {
  const closing = new AbortController()
  return {
    send: (request) =>
      request.method === 'GET' && request.url.startsWith('http:')
        ? get(request, closing.signal)
        : Promise.reject(new PgherdError('NOT_SUPPORTED', 'this client sends GET over http only')),
    [Symbol.dispose]: () => closing.abort(),
  }
}

function get(request: PlainRequest, closed: AbortSignal): Promise<HttpAnswer> {
  const { timeoutMs, signal, headers = {}, maxAnswerBytes = usualMaxBytes } = request
  const { host, hostname, port, pathname, search, origin } = new URL(request.url)
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    // An IPv6 address has brackets in a URL.
    const socket = connect(port === '' ? 80 : Number(port), hostname.replace(/^\[|\]$/g, ''))
    const settle = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
      closed.removeEventListener('abort', cancel)
      socket.destroy()
    }
    const fail = (error: PgherdError): void => {
      settle()
      reject(error)
    }
    const cancel = (): void => fail(new PgherdError('CANCELLED', `the request to ${origin} was cancelled`))
    const timer = setTimeout(
      () => fail(new PgherdError('TIMED_OUT', `${origin} did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    )
    signal?.addEventListener('abort', cancel)
    closed.addEventListener('abort', cancel)
    socket.on('error', (cause) => {
      const reason = systemCodeOf(cause) ?? cause.message
      fail(new PgherdError('UNREACHABLE', `cannot reach ${origin}: ${reason}`, { cause }))
    })
    socket.on('data', (part: Buffer) => {
      size += part.length
      if (size <= maxAnswerBytes) parts.push(part)
      else fail(new PgherdError('BAD_DATA', `the answer is larger than ${maxAnswerBytes} bytes`))
    })
    socket.on('end', () => {
      settle()
      const answer = read(Buffer.concat(parts))
      if (typeof answer !== 'string') resolve(answer)
      else reject(new PgherdError('UNREACHABLE', `cannot reach ${origin}: ${answer}`))
    })
    if (signal?.aborted === true || closed.aborted) {
      cancel()
      return
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`GET ${pathname}${search} HTTP/1.0\r\nHost: ${host}\r\n${lines.join('')}\r\n`, 'latin1')
  })
}

/** @returns the answer, or what is wrong with it */
function read(bytes: Buffer): HttpAnswer | string {
  const end = bytes.indexOf('\r\n\r\n')
  const head = bytes.toString('latin1', 0, Math.max(0, end))
  const status = /^HTTP\/1\.\d (\d{3})/.exec(head)?.[1]
  if (status === undefined) return bytes.length === 0 ? 'it hung up' : 'it does not speak HTTP'
  if (/\r\ntransfer-encoding:/i.test(head)) return 'it answers in pieces, which HTTP/1.0 does not have'
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  const body = bytes.subarray(end + 4)
  if (length !== undefined && Number(length) > body.length) return 'the answer was broken off'
  const whole = length === undefined ? body : body.subarray(0, Number(length))
  return { status: Number(status), headers: {}, body: whole }
}
