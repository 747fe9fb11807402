import type { Figure } from '../common/self-metrics.ts'

/** The parts of the spool's and the pusher's statistics that are shown. */
interface SpoolStats {
  readonly bytes: number
  readonly segments: number
  readonly appendedRecords: number
  readonly refused: { readonly records: number }
  readonly corruptBytes: number
  readonly readers: Readonly<Record<string, { readonly dropped: { readonly records: number } }>>
}
interface PusherStats {
  readonly sent: number
  readonly sentBytes: number
  readonly droppedByStatus: Readonly<Record<string, number>>
  readonly retries: number
  readonly behindRecords: number
  readonly behindSeconds: number
}

/** The way of the measurements through the agent, for its own /metrics and for the collector. */
export function transportFigures(spool: () => SpoolStats, pusher: () => PusherStats): readonly Figure[] {
  return [
    { name: 'pgherd_agent_spool_bytes', help: 'Disk that the spool takes.', read: () => spool().bytes },
    {
      name: 'pgherd_agent_spool_records_total',
      help: 'Batches written to the spool since the start.',
      read: () => spool().appendedRecords,
    },
    {
      name: 'pgherd_agent_spool_refused_records_total',
      help: 'Batches that could not be written and are lost, mostly because the disk was full.',
      read: () => spool().refused.records,
    },
    {
      name: 'pgherd_agent_spool_dropped_records_total',
      help: 'Batches dropped unsent because the spool reached its size or age.',
      label: 'destination',
      read: () =>
        Object.fromEntries(
          Object.entries(spool().readers).map(([name, { dropped }]) => [name, dropped.records]),
        ),
    },
    {
      name: 'pgherd_agent_spool_corrupt_bytes',
      help: 'Bytes of damaged spool files found at the start.',
      read: () => spool().corruptBytes,
    },
    {
      name: 'pgherd_agent_push_sent_total',
      help: 'Batches that the collector has taken.',
      read: () => pusher().sent,
    },
    {
      name: 'pgherd_agent_push_sent_bytes_total',
      help: 'Their bytes, compressed.',
      read: () => pusher().sentBytes,
    },
    {
      name: 'pgherd_agent_push_dropped_total',
      help: 'Batches that the collector refused for good, by HTTP status.',
      label: 'status',
      read: () => pusher().droppedByStatus,
    },
    {
      name: 'pgherd_agent_push_retries_total',
      help: 'Attempts that were repeated.',
      read: () => pusher().retries,
    },
    {
      name: 'pgherd_agent_push_behind_records',
      help: 'Batches that wait to be sent.',
      read: () => pusher().behindRecords,
    },
    {
      name: 'pgherd_agent_push_behind_seconds',
      help: 'Age of the oldest batch that waits.',
      read: () => pusher().behindSeconds,
    },
  ]
}
