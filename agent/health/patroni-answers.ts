import { z } from 'zod'
import type { PatroniView } from '../../common/health/instance-health.ts'

/**
 * Answers of Patroni's REST API as far as they are used; versions differ, so what is missing or of another type is null.
 * Source: Patroni 4.1, docs/rest_api.rst and patroni/api.py.
 */

const text = z.string().max(256).nullable().catch(null)
const int = z.int().nullable().catch(null)
const number = z.number().nullable().catch(null)
const flag = z.boolean().catch(false)
const tags = z
  .record(z.string().max(256), z.union([z.string().max(256), z.number(), z.boolean(), z.null()]).catch(null))
  .catch({})

/** GET /leader, whose body is that of GET /patroni. */
export const nodeAnswer = z.object({
  state: text,
  role: text,
  timeline: int,
  pause: flag,
  cluster_unlocked: flag,
  failsafe_mode_is_active: flag,
  /** Seconds since the epoch. */
  dcs_last_seen: number,
  pending_restart: flag,
  watchdog_failed: flag,
  sync_standby: flag,
  quorum_standby: flag,
  tags,
  database_system_identifier: text,
  patroni: z
    .object({ version: text, scope: text, name: text })
    .catch({ version: null, scope: null, name: null }),
})
export type NodeAnswer = z.infer<typeof nodeAnswer>

/** GET /cluster. A lag that is not known is the word "unknown", or is missing. */
export const clusterAnswer = z.object({
  members: z
    .array(
      z.object({
        name: z.string().max(256),
        role: z.string().max(256).catch('unknown'),
        state: z.string().max(256).catch('unknown'),
        timeline: int,
        lag: int,
        api_url: z.string().max(1024).nullable().catch(null),
        host: text,
        port: int,
      }),
    )
    .transform((members) =>
      members.slice(0, 64).map(({ name, lag, api_url, ...rest }) => ({
        member: name,
        ...rest,
        lagBytes: lag,
        apiUrl: api_url,
      })),
    ),
  scheduled_switchover: z
    .object({ at: text, from: text, to: text })
    .nullish()
    .catch(null)
    .transform((given) => given ?? null),
})
export type Members = PatroniView['members']

const historyEntry = z
  .tuple([z.int(), z.int(), z.string()])
  .rest(z.unknown())
  .transform(([timeline, position, reason, at, newLeader]) => ({
    timeline,
    position: position >= 0 ? position : null,
    reason: reason.slice(0, 256),
    at: text.parse(at),
    newLeader: text.parse(newLeader),
  }))
/** GET /history: lists of timeline, position, reason, and in newer versions time and leader. The newest are kept. */
export const historyAnswer = z.array(z.unknown()).transform((entries): PatroniView['history'] =>
  entries.slice(-32).flatMap((entry) => {
    const parsed = historyEntry.safeParse(entry)
    return parsed.success ? [parsed.data] : []
  }),
)

type Settings = PatroniView['settings']

/** Whatever YAML may have made of on and off. */
const yesOrNo = z
  .union([z.boolean(), z.string()])
  .transform((given): boolean | null =>
    typeof given === 'boolean'
      ? given
      : /^(on|true|yes|1)$/i.test(given)
        ? true
        : /^(off|false|no|0)$/i.test(given)
          ? false
          : null,
  )
  .nullable()
  .catch(null)
const size = z
  .union([z.number(), z.string().transform(Number)])
  .refine(Number.isSafeInteger)
  .nullable()
  .catch(null)

/** GET /config. What it does not say is Patroni's own default, which is left to whoever judges. */
export const configAnswer = z
  .object({
    ttl: number,
    loop_wait: number,
    retry_timeout: number,
    maximum_lag_on_failover: size,
    primary_start_timeout: number,
    master_start_timeout: number,
    synchronous_mode: z.unknown().optional(),
    synchronous_mode_strict: yesOrNo,
    failsafe_mode: yesOrNo,
    standby_cluster: z.unknown().optional(),
  })
  .transform((config): Settings => ({
    ttlSeconds: config.ttl,
    loopWaitSeconds: config.loop_wait,
    retryTimeoutSeconds: config.retry_timeout,
    maximumLagOnFailoverBytes: config.maximum_lag_on_failover,
    primaryStartTimeoutSeconds: config.primary_start_timeout ?? config.master_start_timeout,
    synchronousMode: modeOf(config.synchronous_mode),
    synchronousModeStrict: config.synchronous_mode_strict,
    failsafeMode: config.failsafe_mode,
    isStandbyCluster: typeof config.standby_cluster === 'object' && config.standby_cluster !== null,
  }))

function modeOf(given: unknown): Settings['synchronousMode'] {
  if (typeof given === 'string' && given.toLowerCase() === 'quorum') return 'quorum'
  const isOn = yesOrNo.parse(given)
  return isOn === null ? null : isOn ? 'on' : 'off'
}
