import { STATUS_CODES } from 'node:http'
import type { HealthAnswer } from './answer-health.ts'

/** An answer as it goes out, but for the headers of the connection. */
export interface WholeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: string
}

/** No header may hold line ends or what is not Latin-1. */
const unfitForHeader = /[^\x20-\x7e]/g

/** HEAD has the length of the body that it leaves out. */
export function wholeAnswer(method: string, { status, type, body, reason }: HealthAnswer): WholeAnswer {
  return {
    status,
    headers: {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-pgherd-reason': reason.replace(unfitForHeader, '?'),
      ...(status === 405 ? { allow: 'GET, HEAD, OPTIONS' } : {}),
    },
    body: method === 'HEAD' ? '' : body,
  }
}

let date = { second: -1, text: '' }

/**
 * The bytes that node:http would send.
 * @param keptSeconds - how long the connection stays open afterwards; null for not at all
 */
export function printAnswer(
  { status, headers, body }: WholeAnswer,
  nowMs: number,
  keptSeconds: number | null,
): string {
  const second = Math.floor(nowMs / 1000)
  if (date.second !== second) date = { second, text: new Date(nowMs).toUTCString() }
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`
  text += `Date: ${date.text}\r\n`
  text +=
    keptSeconds === null
      ? 'Connection: close\r\n\r\n'
      : `Connection: keep-alive\r\nKeep-Alive: timeout=${keptSeconds}\r\n\r\n`
  return text + body
}
