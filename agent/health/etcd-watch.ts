import { z } from 'zod'
import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { InstanceHealth } from '../../common/health/instance-health.ts'
import type { JsonEndpoint } from './json-endpoint.ts'
import { fresh, momentOf } from './seen.ts'
import type { Moment, Seen } from './seen.ts'

type EtcdView = InstanceHealth['etcd'][number]

export interface EtcdWatch {
  /** It never rejects. */
  look(): Promise<void>
  view(now: Moment): EtcdView
}

/** `"true"` is text there; source: etcd 3.5, server/etcdserver/api/etcdhttp/health.go. */
const healthAnswer = z.object({ health: z.union([z.string(), z.boolean()]), reason: z.string().optional() })

/** One member of etcd, by its /health: a member that says yes there has read through the quorum. */
export function createEtcdWatch(options: {
  readonly endpoint: JsonEndpoint
  readonly clock: Clock
  readonly intervalMs: number
  readonly deadlineMs: number
}): EtcdWatch {
  const { endpoint, clock, intervalMs, deadlineMs } = options
  let seen: Seen<Omit<EtcdView, 'endpoint'>> | undefined
  let isAsking = false

  const ask = async (): Promise<Omit<EtcdView, 'endpoint'>> => {
    try {
      const { status, body } = await endpoint.get('/health', deadlineMs)
      const parsed = healthAnswer.safeParse(body)
      if (!parsed.success) return { isHealthy: false, reason: `/health was answered with status ${status}` }
      const isHealthy = status === 200 && String(parsed.data.health) === 'true'
      return { isHealthy, reason: isHealthy ? 'ok' : (parsed.data.reason ?? 'it says so').slice(0, 500) }
    } catch (error) {
      return { isHealthy: false, reason: messageOf(error).slice(0, 500) }
    }
  }

  return {
    async look() {
      if (isAsking) return
      isAsking = true
      const value = await ask()
      isAsking = false
      seen = { value, at: momentOf(clock), validMs: 2 * (intervalMs + deadlineMs) }
    },
    view: (now) => ({
      endpoint: endpoint.origin,
      ...(fresh(seen, now) ?? { isHealthy: false, reason: 'it was not asked for too long' }),
    }),
  }
}
