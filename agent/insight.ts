import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { Clock } from '../common/clock.ts'
import { PgherdError, messageOf } from '../common/errors.ts'
import type { InsightTopic } from '../common/insight/insight-report.ts'
import type { Log } from '../common/log.ts'
import { makeDirectory } from '../common/make-directory.ts'
import type { Figure } from '../common/self-metrics.ts'
import type { SampleTable } from '../common/series/sample-table.ts'
import type { ChannelInsight } from './channel/insight-sending.ts'
import type { AgentConfig } from './config.ts'
import { createInsightServer } from './insight/create-server.ts'
import { createIndexes } from './insight/indexes/indexes.ts'
import type { InsightServer } from './insight/insight-server.ts'
import { joinFigures } from './insight/join-figures.ts'
import { openInsightOutbox } from './insight/outbox/insight-outbox.ts'
import type { InsightOutbox } from './insight/outbox/insight-outbox.ts'
import type { InsightPart } from './insight/part.ts'
import { createStatements } from './insight/statements/statements.ts'
import { createSchemaHistory } from './insight/schema/schema.ts'
import { createWaits } from './insight/waits/create-waits.ts'
import type { ConnectionSlots } from './postgres/connection-slots.ts'
import { createDatabaseFilter } from './scrape/database-filter.ts'
import { insOf, serverOptions, serversOf } from './sources.ts'
import type { AgentWatchdogs } from './watchdog.ts'

/** What is found out of this host's servers beside their figures. */
export interface AgentInsight extends AsyncDisposable {
  /** What its parts tell of a server, by its ins label, with its next scrape. Never throws. */
  readonly tables: (server: string) => readonly SampleTable[]
  /** Tells of a server, by its ins label; of others nothing. Never throws. */
  readonly tell: (server: string, topic: InsightTopic, body: unknown) => void
  /** Who gives what its sessions did of late, by its ins label; undefined where nobody looks. */
  readonly recentSessions: (server: string) => InsightPart['recentSessions']
  readonly channel: ChannelInsight
  readonly figures: readonly Figure[]
  /** Until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

const maxOutboxBytes = 32 * 1024 * 1024

/** Each makes its part for one server, or none where it is not wanted. */
const makers: readonly ((server: InsightServer, config: AgentConfig) => readonly InsightPart[])[] = [
  (server, config) =>
    config['insight.statements'] ? [createStatements(server, { top: config['insight.statements_top'] })] : [],
  (server, config) =>
    config['insight.indexes']
      ? [createIndexes(server, { intervalMs: config['insight.index_interval'] })]
      : [],
  (server, config) => (config['insight.waits'] ? [createWaits(server, { random: Math.random })] : []),
  (server, config) =>
    config['insight.schema'] ? [createSchemaHistory(server, { readsLog: config['insight.schema_log'] })] : [],
]

/**
 * Opens what is kept for the collector. Measuring does not depend on it: what cannot be opened is logged, and there is no insight
 * then. Undefined too where it is not wanted, or no server is watched.
 */
export async function openInsight(
  config: AgentConfig,
  options: {
    readonly clock: Clock
    readonly log: Log
    /** The connections to a server that the agent has. */
    readonly slotsOf: (server: { readonly url: string }) => ConnectionSlots
    readonly watchdogs: Pick<AgentWatchdogs, 'create'>
  },
): Promise<AgentInsight | undefined> {
  const { clock, log, slotsOf, watchdogs } = options
  if (!config['insight.enabled'] || serversOf(config).length === 0) return undefined
  await using stack = new AsyncDisposableStack()
  try {
    const directory = config['insight.directory'] ?? join(dirname(config['spool.directory']), 'insight')
    makeDirectory(directory)
    const outbox = stack.use(
      await openInsightOutbox({
        directory: join(directory, 'outbox'),
        maxBytes: maxOutboxBytes,
        newId: randomUUID,
        clock,
        log,
      }),
    )
    const parts = new Map(
      serversOf(config).map((one) => {
        const { identity, ...reached } = serverOptions(config, one)
        const server = insOf(config, one)
        const { cluster } = identity
        const own = join(directory, server)
        makeDirectory(own)
        const seen = createInsightServer({
          ...{ server, cluster, clock, reached },
          directory: own,
          slots: slotsOf(one),
          select: createDatabaseFilter({
            include: one.include_databases ?? config['postgres.include_databases'],
            exclude: one.exclude_databases ?? config['postgres.exclude_databases'],
          }),
          tell: (topic, body) => outbox.tell({ server, cluster, topic, body, atMs: clock.now() }),
          log: log.child({ ins: server }),
        })
        return [server, [...makers.flatMap((make) => make(seen, config)), ...watchdogs.create(seen)]] as const
      }),
    )
    const opened = stack.move()
    const all = [...parts.values()].flat()
    return {
      tables: (server) => (parts.get(server) ?? []).flatMap((part) => tablesOf(part, log)),
      tell(server, topic, body) {
        const one = serversOf(config).find((candidate) => insOf(config, candidate) === server)
        if (one === undefined) return
        const { cluster } = serverOptions(config, one).identity
        outbox.tell({ server, cluster, topic, body, atMs: clock.now() })
      },
      recentSessions: (server) =>
        parts.get(server)?.find(({ recentSessions }) => recentSessions !== undefined)?.recentSessions,
      channel: outbox,
      figures: [...outboxFigures(outbox), ...joinFigures(all.flatMap(({ figures }) => figures ?? []))],
      run: async (signal) => {
        await Promise.all(all.map((part) => runPart(part, signal, log)))
      },
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    }
  } catch (error) {
    if (!(error instanceof PgherdError)) throw error
    log.error({ code: error.code }, `insight: there is none: ${error.message}`)
    return undefined
  }
}

/** A part that breaks its promise costs itself, and not the scrape. */
function tablesOf(part: InsightPart, log: Log): readonly SampleTable[] {
  try {
    return part.tables()
  } catch (error) {
    log.error({ part: part.name, error: messageOf(error) }, 'insight: a part could not tell what it has')
    return []
  }
}

async function runPart(part: InsightPart, signal: AbortSignal, log: Log): Promise<void> {
  try {
    await part.run(signal)
  } catch (error) {
    log.error({ part: part.name, error: messageOf(error) }, 'insight: a part has ended')
  }
}

function outboxFigures(outbox: InsightOutbox): readonly Figure[] {
  return [
    {
      name: 'pgherd_insight_reports_waiting',
      help: 'Reports of what is in the databases that the collector has not stored yet.',
      read: () => outbox.stats().waiting,
    },
    {
      name: 'pgherd_insight_reports_stored_total',
      help: 'Reports that the collector has stored.',
      read: () => outbox.stats().stored,
    },
    {
      name: 'pgherd_insight_reports_dropped_total',
      help: 'Reports that the collector never gets: too large, or without room on this disk.',
      read: () => outbox.stats().dropped,
    },
  ]
}
