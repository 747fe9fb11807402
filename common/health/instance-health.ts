import { z } from 'zod'

/**
 * What an agent knows of one PostgreSQL server that it watches, from its background cycle of a second. Null means "not
 * known", never "no". Times are milliseconds since the epoch on the agent's clock; log positions (LSN) are bytes since the
 * beginning of the log, exact up to 2^53 (8 PiB of log); lags are bytes, or seconds where the name says so.
 */

const name = z.string().max(256)
const position = z.int().min(0).nullable()
const bytes = z.int().nullable()
const seconds = z.number().nullable()
const moment = z.number().nullable()

/**
 * `hung`: the port takes connections, or did a moment ago, and nothing answers in time. `down`: nothing listens there, or
 * the server says that it shuts down. `starting`: it says that it starts up or replays. `refusing`: it is alive and lets this
 * agent not in (password, pg_hba, no free connection), so that its role may be unknown.
 */
export const instanceState = z.enum(['unknown', 'running', 'starting', 'hung', 'refusing', 'down'])
export type InstanceState = z.infer<typeof instanceState>

/** One row of pg_stat_replication. */
export const standbyView = z.object({
  applicationName: name,
  clientAddress: name.nullable(),
  state: name.nullable(),
  /** async, potential, sync or quorum. */
  syncState: name.nullable(),
  /** Behind the primary's current position. */
  sentLagBytes: bytes,
  flushLagBytes: bytes,
  replayLagBytes: bytes,
  replayLagSeconds: seconds,
})

export const slotView = z.object({
  slotName: name,
  isActive: z.boolean(),
  isLogical: z.boolean(),
  /** Log that is kept for it. */
  retainedBytes: bytes,
  /** reserved, extended, unreserved or lost. */
  walStatus: name.nullable(),
})

/** Of the local Patroni, from its REST API. */
export const patroniView = z.object({
  /** It answered within this cycle's deadline. What follows is of the last answer. */
  isReachable: z.boolean(),
  /** When it answered last. */
  answeredMs: moment,
  version: name.nullable(),
  scope: name.nullable(),
  member: name.nullable(),
  /** Its address for the other members, with http or https. */
  apiUrl: z.string().max(1024).nullable(),
  /** running, starting, stopped, ... in Patroni's words. */
  state: name.nullable(),
  /** primary, replica, standby_leader, demoted, ... in Patroni's words. */
  role: name.nullable(),
  /** The leader's key is this member's, as GET /leader says. */
  hasLock: z.boolean().nullable(),
  timeline: z.int().nullable(),
  isPaused: z.boolean().nullable(),
  clusterUnlocked: z.boolean().nullable(),
  failsafeActive: z.boolean().nullable(),
  /** When it saw its configuration store (etcd) last. */
  storeSeenMs: moment,
  pendingRestart: z.boolean().nullable(),
  watchdogFailed: z.boolean().nullable(),
  isSyncStandby: z.boolean().nullable(),
  isQuorumStandby: z.boolean().nullable(),
  tags: z.record(name, z.union([z.string().max(256), z.number(), z.boolean(), z.null()])),
  /** The members as its GET /cluster lists them; empty when unknown. */
  members: z
    .array(
      z.object({
        member: name,
        role: name,
        state: name,
        timeline: z.int().nullable(),
        /** Null for "unknown". */
        lagBytes: bytes,
        apiUrl: z.string().max(1024).nullable(),
        host: name.nullable(),
        port: z.int().nullable(),
      }),
    )
    .max(64),
  /** A switchover that it will do, as its GET /cluster says; missing from older agents. */
  scheduledSwitchover: z
    .object({
      /** As Patroni wrote it, ISO 8601 with a time zone. */
      at: name.nullable(),
      from: name.nullable(),
      /** Null for whoever is best then. */
      to: name.nullable(),
    })
    .nullable()
    .optional(),
  /** The newest entries of GET /history, oldest first: at which position a timeline ended, and why. */
  history: z
    .array(
      z.object({
        timeline: z.int(),
        position,
        reason: name,
        /** As Patroni wrote it, ISO 8601; null in old entries, as the leader. */
        at: name.nullable(),
        newLeader: name.nullable(),
      }),
    )
    .max(32),
  /** From GET /config; null where it did not answer or does not say. */
  settings: z.object({
    ttlSeconds: seconds,
    loopWaitSeconds: seconds,
    retryTimeoutSeconds: seconds,
    maximumLagOnFailoverBytes: bytes,
    primaryStartTimeoutSeconds: seconds,
    synchronousMode: z.enum(['off', 'on', 'quorum']).nullable(),
    synchronousModeStrict: z.boolean().nullable(),
    failsafeMode: z.boolean().nullable(),
    isStandbyCluster: z.boolean().nullable(),
  }),
})
export type PatroniView = z.infer<typeof patroniView>

export const instanceHealth = z.object({
  /** The ins label. */
  server: z.string().min(1).max(128),
  /** The cls label. */
  cluster: z.string().min(1).max(128),
  /** When the cycle ended that this is of. */
  atMs: z.number(),
  state: instanceState,
  /** One sentence behind the state: what was seen. */
  reason: z.string().max(500),
  /** Since when the state and the role are as they are. */
  sinceMs: z.number(),
  role: z.enum(['primary', 'standby']).nullable(),
  /** It would take a write: not in recovery, not read-only by default. Null while nothing proves it. */
  isWritable: z.boolean().nullable(),
  systemIdentifier: z
    .string()
    .regex(/^\d{1,20}$/)
    .nullable(),
  versionNumber: z.int().nullable(),
  postmasterStartMs: moment,
  port: z.int().nullable(),
  timeline: z.int().nullable(),
  /** A primary's current position in the log. */
  currentPosition: position,
  /** A standby's. */
  receivedPosition: position,
  /** A primary's is where its recovery ended, when it was promoted or had crashed; null where it had none since it started. */
  replayedPosition: position,
  /** A standby: received and known to be at the sender, less replayed. */
  replayLagBytes: bytes,
  /** A standby: age of the last replayed commit while it is behind; 0 when it has replayed all that it received. */
  replayLagSeconds: seconds,
  isReplayPaused: z.boolean().nullable(),
  /** A standby: whom it follows, from pg_stat_wal_receiver; null when no receiver runs. */
  upstream: z
    .object({
      host: name.nullable(),
      port: z.int().nullable(),
      slotName: name.nullable(),
      status: name,
      /** The sender's end of the log as it said last. */
      latestEndPosition: position,
      /** When it was heard last. */
      latestEndMs: moment,
    })
    .nullable(),
  standbys: z.array(standbyView).max(64),
  synchronousStandbyNames: z.string().max(1_000).nullable(),
  /** Sessions that wait for a synchronous standby. */
  waitingForSync: z.int().nullable(),
  slots: z.array(slotView).max(64),
  archiver: z
    .object({
      isEnabled: z.boolean(),
      /** The last attempt failed. */
      isFailing: z.boolean(),
      lastArchivedMs: moment,
      lastFailedMs: moment,
    })
    .nullable(),
  /** Of the file systems that the data directory and the log (pg_wal) lie on. */
  space: z
    .array(
      z.object({
        of: z.enum(['data', 'wal']),
        freeBytes: z.number(),
        totalBytes: z.number(),
        freeInodes: z.number().nullable(),
        totalInodes: z.number().nullable(),
      }),
    )
    .max(8),
  /** The poolers of this server: reached through to PostgreSQL, or why not. */
  poolers: z
    .array(
      z.object({
        /** The ins label and port, or its URL without password. */
        pooler: name,
        isReachable: z.boolean(),
        /** A query through it was answered by this server. */
        reachesServer: z.boolean().nullable(),
        reason: z.string().max(500),
      }),
    )
    .max(8),
  /** The members of etcd that this host can ask; empty where none is configured. */
  etcd: z
    .array(
      z.object({
        endpoint: z.string().max(1024),
        /** /health said so: it implies a quorum. */
        isHealthy: z.boolean(),
        reason: z.string().max(500),
      }),
    )
    .max(16),
  patroni: patroniView.nullable(),
  /** pg_settings whose difference between members matters (max_connections, wal_level, ...), as text. */
  settings: z.record(z.string().max(64), z.string().max(1_000)),
  /** Hash of all settings that are the same on every member of a healthy cluster. */
  settingsDigest: z.string().max(64).nullable(),
})
export type InstanceHealth = z.infer<typeof instanceHealth>

/**
 * Agent to collector: after hello, at once when state, role, timeline or Patroni's view change, else each five seconds; and
 * every second of which servers nothing has changed, so that silence is noticed long before a report is due.
 */
export const healthMessage = z.object({
  type: z.literal('health'),
  nowMs: z.number(),
  servers: z.array(instanceHealth).max(64),
  /** Looked at again since, and nothing changed that the collector acts upon. */
  unchanged: z
    .array(z.object({ server: z.string().max(128), atMs: z.number() }))
    .max(64)
    .optional(),
})
export type HealthMessage = z.infer<typeof healthMessage>
