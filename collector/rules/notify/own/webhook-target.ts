import { createHash } from 'node:crypto'
import { retryAfterMs } from '../../../../common/backoff.ts'
import type { Clock } from '../../../../common/clock.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { credentialHeaders } from '../../../../common/http-credentials.ts'
import type { HttpCredentials, TlsPaths } from '../../../../common/http-credentials.ts'
import { createRenewingClient } from '../../../../common/renewing-client.ts'
import type { NotifyTarget } from './notification.ts'
import { webhookPayload } from './webhook-payload.ts'

/** Where a webhook is. The path may be a secret, as it is with chat programs, and is not shown. */
export interface WebhookEndpoint extends HttpCredentials {
  readonly url: string
  readonly tls?: TlsPaths | undefined
}

const timeoutMs = 10_000

/** Tells a webhook by POST; any status but 2xx is a failure. */
export function createWebhookTarget(
  endpoint: WebhookEndpoint,
  options: { readonly externalUrl: string; readonly clock: Clock },
): NotifyTarget {
  const { url } = endpoint
  const http = createRenewingClient({ tls: endpoint.tls, connections: 1 })
  const name = new URL(url).origin
  return {
    name,
    key: `webhook ${createHash('sha256').update(url).digest('hex').slice(0, 16)}`,
    async send(notification, signal) {
      const answer = await http.send({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json', ...(await credentialHeaders(endpoint)) },
        body: webhookPayload(notification, { receiver: 'pgherd', externalUrl: options.externalUrl }),
        timeoutMs,
        signal,
        maxAnswerBytes: 512,
        onlyStatusMatters: true,
      })
      if (answer.status >= 200 && answer.status < 300) return
      throw new PgherdError('UNREACHABLE', `${name} answered with status ${answer.status}`, {
        details: { retryAfterMs: retryAfterMs(answer.headers['retry-after'], options.clock.now()) },
      })
    },
    [Symbol.asyncDispose]() {
      http[Symbol.dispose]()
      return Promise.resolve()
    },
  }
}
