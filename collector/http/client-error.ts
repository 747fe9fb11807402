import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { systemCodeOf } from '../../common/errors.ts'
import { errorBody } from './error-answer.ts'

const statuses: Readonly<Record<string, readonly [status: number, text: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'the head of the request is too large; send a long query as a POST form'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not arrive in time'],
}

/** Answers what is no HTTP request, or none that arrived: there is no reply object yet, only the socket. */
export function answerClientError(error: Error, socket: Socket): void {
  const code = systemCodeOf(error)
  if (code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, text] = statuses[code ?? ''] ?? [400, 'the request is not valid HTTP']
  const body = errorBody('bad_data', text)
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
