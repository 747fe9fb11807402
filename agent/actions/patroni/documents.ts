import { z } from 'zod'

/**
 * Documents of Patroni's REST API as far as operations are judged by them. Versions differ: what is missing or of another type
 * is null. Source: Patroni 4.1, docs/rest_api.rst, patroni/utils.py (cluster_as_json).
 */

const text = z.string().nullable().catch(null)
const int = z.int().nullable().catch(null)
const flag = z.boolean().catch(false)
const number = z.number().nullable().catch(null)

export const clusterDocument = z.object({
  members: z.array(
    z.object({
      name: z.string(),
      /** leader, standby_leader, sync_standby, quorum_standby or replica. */
      role: z.string().catch('unknown'),
      /** Of followers since 3.1 that of replication, such as streaming. */
      state: z.string().catch('unknown'),
      timeline: int,
      /** Bytes; null where it is `unknown` or missing. */
      lag: int,
      api_url: text,
      host: text,
      port: int,
      pending_restart: flag,
      tags: z.record(z.string(), z.unknown()).catch({}),
    }),
  ),
  scope: text,
  pause: flag,
  scheduled_switchover: z.object({ at: text, from: text, to: text }).nullish().catch(null),
})
export type MemberNow = z.infer<typeof clusterDocument>['members'][number]

const replayed = z
  .object({ received_location: int, replayed_location: int, paused: flag })
  .nullish()
  .catch(null)

export const nodeDocument = z.object({
  state: text,
  role: text,
  timeline: int,
  pause: flag,
  cluster_unlocked: flag,
  pending_restart: flag,
  postmaster_start_time: text,
  /** Positions in the log, bytes; missing where the server is not asked. Named `wal` in some versions. */
  xlog: replayed,
  wal: replayed,
  replication: z.array(z.object({ application_name: text, state: text })).catch([]),
  patroni: z
    .object({ version: text, scope: text, name: text })
    .catch({ version: null, scope: null, name: null }),
})
export type NodeNow = z.infer<typeof nodeDocument>

const wordOfOn = /^(on|true|yes|1)$/i

export const configDocument = z
  .object({
    ttl: number,
    loop_wait: number,
    maximum_lag_on_failover: z
      .union([z.number(), z.string().transform(Number)])
      .refine(Number.isFinite)
      .nullable()
      .catch(null),
    synchronous_mode: z.unknown().optional(),
    synchronous_mode_strict: z.unknown().optional(),
  })
  .transform((config) => ({
    ttlSeconds: config.ttl ?? 30,
    loopWaitSeconds: config.loop_wait ?? 10,
    maximumLagBytes: config.maximum_lag_on_failover ?? 1_048_576,
    isSynchronous: config.synchronous_mode === 'quorum' || isOn(config.synchronous_mode),
    isStrict: isOn(config.synchronous_mode_strict),
  }))
export type SettingsNow = z.infer<typeof configDocument>

function isOn(value: unknown): boolean {
  return value === true || (typeof value === 'string' && wordOfOn.test(value))
}
