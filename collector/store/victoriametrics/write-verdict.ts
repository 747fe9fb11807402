import { verdictOf } from '../../../common/push/verdict.ts'
import type { Verdict } from '../../../common/push/verdict.ts'

/** What VictoriaMetrics says about a body, and nobody else about a request. */
const aboutBody = /snappy|zstd|unmarshal|decompress|too big/i

/**
 * What an answer to a write means. VictoriaMetrics says 400 about a body that it cannot read, and as well about a path
 * or a tenant that it does not know; so do servers that expect TLS. Samples must not be dropped for a wrong URL.
 */
export function writeVerdict(answer: { readonly status: number; readonly body: Uint8Array }): Verdict {
  const { status, body } = answer
  if (status === 400 && !aboutBody.test(Buffer.from(body).toString('utf8'))) return 'hold'
  return verdictOf(status)
}
