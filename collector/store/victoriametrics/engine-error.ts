import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { ErrorCode } from '../../../common/errors.ts'

const errorBody = z.object({ error: z.string() })
const maxText = 1_000

/** What it puts in front of its own words: the query once more, and the times. */
const preamble =
  /^remoteAddr: "[^"]*"[^;]*; requestURI: [^;]*; (?:error in "[^"]*": )?|^error when executing query="(?:[^"\\]|\\.)*" (?:for|on the time range) \((?:[^)]*)\): |^cannot parse (?:query|label filters)[^:]*: /

/** How it says that it is busy, with status 503 or 429. */
const busy = /cannot handle more than \d+ concurrent|couldn.t start executing the request/i

/** What the text says, for all that has status 422, 400 or 503. The first that matches counts. */
const kinds: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /timeout exceeded|deadline exceeded|cannot be executed in -search\.maxQueryDuration|timed out/i,
    'TIMED_OUT',
  ],
  [
    /exceeds? -?search\.max|cannot exceed -search\.max|cannot select more than|more than -search\.max|too many points|not enough memory|exceeds `-search/i,
    'QUERY_LIMIT',
  ],
  [/cannot evaluate|cannot execute|cannot fetch|cannot search/i, 'QUERY_FAILED'],
]

/**
 * An answer of the engine that is no success, in the words of our catalogue. Its texts carry no positions, and what
 * does not parse has the same status as what cannot be computed.
 */
export function engineError(status: number, body: Uint8Array): PgherdError {
  const text = textOf(body)
  const said = `VictoriaMetrics: ${text === '' ? `status ${status}` : text}`
  if (status === 401 || status === 403) {
    return new PgherdError('UNREACHABLE', `VictoriaMetrics refuses the collector's credentials (${status})`)
  }
  if (status === 429 || (status === 503 && busy.test(text))) return new PgherdError('OVERLOADED', said)
  const isPathUnknown = status === 404 || /unsupported path/.test(text)
  if (isPathUnknown || (status >= 300 && status < 400)) {
    return new PgherdError(
      'UNREACHABLE',
      `what answers for VictoriaMetrics does not know this path (${status}); check the URLs and the tenant`,
    )
  }
  const [, code] = kinds.find(([pattern]) => pattern.test(text)) ?? []
  if (status >= 500) return new PgherdError(code === 'TIMED_OUT' ? code : 'UNREACHABLE', said)
  // Its own answers are JSON or plain text, and every success of it is a 200.
  if (status < 300 || text.startsWith('<')) {
    return new PgherdError('UNREACHABLE', `what answers for VictoriaMetrics is another server (${said})`)
  }
  return new PgherdError(code ?? 'QUERY_INVALID', said)
}

function textOf(body: Uint8Array): string {
  const raw = Buffer.from(body.subarray(0, 64 * 1024)).toString('utf8')
  let text = raw
  try {
    text = errorBody.parse(JSON.parse(raw)).error
  } catch {
    // Ingestion and export answer in plain text.
  }
  return text.replace(preamble, '').trim().slice(0, maxText)
}
