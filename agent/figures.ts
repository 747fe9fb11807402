import type { Figure } from '../common/self-metrics.ts'

/** The parts of the transport's statistics that are shown. */
interface Transport {
  spool(): {
    readonly bytes: number
    readonly appendedRecords: number
    readonly refused: { readonly records: number }
    readonly corruptBytes: number
    readonly readers: Readonly<Record<string, { readonly dropped: { readonly records: number } }>>
  }
  pushers(): Readonly<Record<string, PusherStats>>
}
interface PusherStats {
  readonly sent: number
  readonly sentBytes: number
  readonly droppedByStatus: Readonly<Record<string, number>>
  readonly retries: number
  readonly behindRecords: number
  readonly behindSeconds: number
}

/** The parts of the commands' statistics that are shown. */
interface Commands {
  readonly port: {
    readonly waiting: number
    readonly running: number
    readonly counters: {
      readonly outcomes: Readonly<Partial<Record<string, number>>>
      readonly refusals: Readonly<Partial<Record<string, number>>>
      readonly repeats: number
      readonly drops: number
    }
  }
  audit(): { readonly entries: number; readonly findings: number }
}

/** What has become of commands. */
export function commandFigures(commands: Commands): readonly Figure[] {
  const { port } = commands
  const { counters } = port
  return [
    {
      name: 'pgherd_agent_commands_total',
      help: 'Commands that ended since the start, by how.',
      label: 'outcome',
      read: () => ({ ...counters.outcomes }) as Record<string, number>,
    },
    {
      name: 'pgherd_agent_commands_refused_total',
      help: 'Commands that were refused since the start, by why.',
      label: 'reason',
      read: () => ({ ...counters.refusals }) as Record<string, number>,
    },
    {
      name: 'pgherd_agent_commands_repeated_total',
      help: 'Commands that came again and were answered from the journal.',
      read: () => counters.repeats,
    },
    {
      name: 'pgherd_agent_commands_dropped_total',
      help: 'Commands that came when too many were looked at or waited; the collector sends them again.',
      read: () => counters.drops,
    },
    { name: 'pgherd_agent_commands_running', help: 'Commands that run.', read: () => port.running },
    {
      name: 'pgherd_agent_commands_waiting',
      help: 'Commands that wait for others.',
      read: () => port.waiting,
    },
    {
      name: 'pgherd_agent_audit_entries',
      help: 'Entries of the audit.',
      read: () => commands.audit().entries,
    },
    {
      name: 'pgherd_agent_audit_findings',
      help: 'What was wrong with the audit when the agent started: entries altered, removed, moved or inserted.',
      read: () => commands.audit().findings,
    },
  ]
}

/** Until when this agent can show who it is; nothing for one that has not joined. */
export function membershipFigures(membership: { validToMs(): number | undefined }): readonly Figure[] {
  if (membership.validToMs() === undefined) return []
  return [
    {
      name: 'pgherd_agent_certificate_expiry_timestamp_seconds',
      help: "When the agent's certificate ends, seconds since the epoch.",
      read: () => (membership.validToMs() ?? 0) / 1_000,
    },
  ]
}

/** The way of the measurements through the agent, for its own /metrics and for the collector. */
export function transportFigures(
  transport: Transport,
  budget: { readonly limit: number; readonly used: number },
): readonly Figure[] {
  const byDestination = (name: string, help: string, pick: (stats: PusherStats) => number): Figure => ({
    name,
    help,
    label: 'destination',
    read: () =>
      Object.fromEntries(Object.entries(transport.pushers()).map(([key, stats]) => [key, pick(stats)])),
  })
  return [
    { name: 'pgherd_agent_series', help: 'Series that the agent has.', read: () => budget.used },
    { name: 'pgherd_agent_series_limit', help: 'Series that it may have.', read: () => budget.limit },
    {
      name: 'pgherd_agent_spool_bytes',
      help: 'Disk that the spool takes.',
      read: () => transport.spool().bytes,
    },
    {
      name: 'pgherd_agent_spool_records_total',
      help: 'Batches written to the spool since the start.',
      read: () => transport.spool().appendedRecords,
    },
    {
      name: 'pgherd_agent_spool_refused_records_total',
      help: 'Batches that could not be written, mostly because the disk was full; only destinations within reach get them.',
      read: () => transport.spool().refused.records,
    },
    {
      name: 'pgherd_agent_spool_dropped_records_total',
      help: 'Batches dropped unsent because the spool reached its size or age.',
      label: 'destination',
      read: () =>
        Object.fromEntries(
          Object.entries(transport.spool().readers).map(([name, { dropped }]) => [name, dropped.records]),
        ),
    },
    {
      name: 'pgherd_agent_spool_corrupt_bytes',
      help: 'Bytes of damaged spool files found at the start.',
      read: () => transport.spool().corruptBytes,
    },
    byDestination(
      'pgherd_agent_push_sent_total',
      'Batches that the destination has taken.',
      ({ sent }) => sent,
    ),
    byDestination(
      'pgherd_agent_push_sent_bytes_total',
      'Their bytes, compressed.',
      (stats) => stats.sentBytes,
    ),
    {
      name: 'pgherd_agent_push_dropped_total',
      help: 'Batches that the destination refused for good, by HTTP status.',
      labels: ['destination', 'status'],
      read: () =>
        Object.entries(transport.pushers()).flatMap(([destination, { droppedByStatus }]) =>
          Object.entries(droppedByStatus).map(([status, value]) => ({
            labels: { destination, status },
            value,
          })),
        ),
    },
    byDestination(
      'pgherd_agent_push_retries_total',
      'Attempts that were repeated.',
      (stats) => stats.retries,
    ),
    byDestination(
      'pgherd_agent_push_behind_records',
      'Batches that wait to be sent.',
      (stats) => stats.behindRecords,
    ),
    byDestination(
      'pgherd_agent_push_behind_seconds',
      'Age of the oldest batch that waits.',
      (stats) => stats.behindSeconds,
    ),
  ]
}
