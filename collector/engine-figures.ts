import type { Figure } from '../common/self-metrics.ts'

interface Requests {
  readonly requestsByStatus: Readonly<Record<string, number>>
  readonly failovers: number
  readonly down: number
}

/** The part of an external engine's statistics that is shown. */
interface Stats {
  readonly spool: {
    readonly bytes: number
    readonly refused: { readonly records: number }
    readonly corruptBytes: number
  }
  readonly push: {
    readonly sent: number
    readonly sentBytes: number
    readonly droppedByStatus: Readonly<Record<string, number>>
    readonly retries: number
    readonly behindRecords: number
    readonly behindBytes: number
    readonly behindSeconds: number
  }
  readonly rewinds: number
  readonly insert: Requests
  readonly select: Requests
  readonly samples: number
  readonly rememberedSeries: number
}

/** The way to a VictoriaMetrics, for /metrics. */
export function engineFigures(stats: () => Stats): readonly Figure[] {
  const byDirection = (pick: (requests: Requests) => number) => () => ({
    insert: pick(stats().insert),
    select: pick(stats().select),
  })
  return [
    {
      name: 'pgherd_store_samples_total',
      help: 'Samples stored since the start: durable in the buffer.',
      read: () => stats().samples,
    },
    {
      name: 'pgherd_store_buffer_records',
      help: 'Requests that wait for the engine.',
      read: () => stats().push.behindRecords,
    },
    {
      name: 'pgherd_store_buffer_bytes',
      help: 'Bytes of the buffer.',
      label: 'kind',
      read: () => ({ disk: stats().spool.bytes, waiting: stats().push.behindBytes }),
    },
    {
      name: 'pgherd_store_buffer_oldest_seconds',
      help: 'Age of the oldest request that waits for the engine.',
      read: () => stats().push.behindSeconds,
    },
    {
      name: 'pgherd_store_buffer_refused_records_total',
      help: 'Requests answered 503 because the buffer or its disk was full; their senders keep them.',
      read: () => stats().spool.refused.records,
    },
    {
      name: 'pgherd_store_buffer_corrupt_bytes',
      help: 'Bytes of damaged buffer files found at the start.',
      read: () => stats().spool.corruptBytes,
    },
    {
      name: 'pgherd_store_sent_records_total',
      help: 'Requests that the engine has taken.',
      read: () => stats().push.sent,
    },
    {
      name: 'pgherd_store_sent_bytes_total',
      help: 'Their bytes, compressed.',
      read: () => stats().push.sentBytes,
    },
    {
      name: 'pgherd_store_dropped_records_total',
      help: 'Requests that the engine refused for good, by HTTP status.',
      label: 'status',
      read: () => stats().push.droppedByStatus,
    },
    {
      name: 'pgherd_store_retries_total',
      help: 'Writes to the engine that were repeated.',
      read: () => stats().push.retries,
    },
    {
      name: 'pgherd_store_rewinds_total',
      help: 'How often the engine had restarted and was sent again what it may have lost.',
      read: () => stats().rewinds,
    },
    {
      name: 'pgherd_store_requests_total',
      help: 'HTTP requests to the engine by status; error where there was no answer.',
      labels: ['direction', 'status'],
      read: () =>
        (['insert', 'select'] as const).flatMap((direction) =>
          Object.entries(stats()[direction].requestsByStatus).map(([status, value]) => ({
            labels: { direction, status },
            value,
          })),
        ),
    },
    {
      name: 'pgherd_store_failovers_total',
      help: 'How often an endpoint was left for the next.',
      label: 'direction',
      read: byDirection(({ failovers }) => failovers),
    },
    {
      name: 'pgherd_store_endpoints_down',
      help: 'Endpoints that are thought to be down.',
      label: 'direction',
      read: byDirection(({ down }) => down),
    },
    {
      name: 'pgherd_store_remembered_series',
      help: 'Series whose labels are kept in memory for writing.',
      read: () => stats().rememberedSeries,
    },
  ]
}
