import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { AnswerBudget } from './answer-budget.ts'
import type { RefusedReason } from './auth/refusals.ts'
import type { ConnectionRefusal } from './connection-places.ts'
import type { QueryGate } from './query-gate.ts'
import type { RoomGate } from './room-gate.ts'

export interface HttpMetrics {
  /** `route` is the pattern, never the path: a label must not grow with what clients ask for. */
  observe(method: string, route: string, status: number, seconds: number): void
  countWrite(bytes: number): void
  /** A connection was closed because its reader did not read. */
  countCut(): void
  /** A body was not waited for because it came slowly while others waited. */
  countSlowSender(): void
  /** A request was refused for who sends it. */
  countRefused(reason: RefusedReason): void
  /** A connection was closed at once, because there are too many. */
  countRefusedConnection(reason: ConnectionRefusal): void
  /** A connection did not become one of TLS. */
  countHandshakeFailure(): void
}

/** The server's own metrics, in the registry that /metrics shows. */
export function createHttpMetrics(
  registry: Registry,
  { gate, writeGate, budget }: { gate: QueryGate; writeGate: RoomGate; budget: AnswerBudget },
): HttpMetrics {
  const durations = new Histogram({
    name: 'pgherd_collector_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer.',
    labelNames: ['method', 'route', 'code'] as const,
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30],
    registers: [registry],
  })
  const writeBytes = new Counter({
    name: 'pgherd_collector_http_write_bytes_total',
    help: 'Bytes of remote write bodies as they arrived.',
    registers: [registry],
  })
  new Gauge({
    name: 'pgherd_collector_http_queries_running',
    help: 'Queries that are being answered now.',
    registers: [registry],
    collect() {
      this.set(gate.running)
    },
  })
  new Gauge({
    name: 'pgherd_collector_http_queries_waiting',
    help: 'Queries that wait for their turn.',
    registers: [registry],
    collect() {
      this.set(gate.waiting)
    },
  })
  new Gauge({
    name: 'pgherd_collector_http_writing_bytes',
    help: 'Bytes of remote write bodies that are in memory now.',
    registers: [registry],
    collect() {
      this.set(writeGate.taken)
    },
  })
  new Gauge({
    name: 'pgherd_collector_http_writes_waiting',
    help: 'Requests of remote write that wait for room.',
    registers: [registry],
    collect() {
      this.set(writeGate.waiting)
    },
  })
  new Gauge({
    name: 'pgherd_collector_http_sending_samples',
    help: 'Samples of answers that their readers have not taken yet.',
    registers: [registry],
    collect() {
      this.set(budget.taken)
    },
  })
  const cuts = new Counter({
    name: 'pgherd_collector_http_slow_readers_total',
    help: 'Connections closed because what was sent was not taken.',
    registers: [registry],
  })
  const slowSenders = new Counter({
    name: 'pgherd_collector_http_slow_senders_total',
    help: 'Bodies cut off because they came slowly while others waited for room.',
    registers: [registry],
  })
  const refused = new Counter({
    name: 'pgherd_collector_http_auth_failures_total',
    help: 'Requests refused for who sent them; limited: those of addresses that failed too often.',
    labelNames: ['reason'] as const,
    registers: [registry],
  })
  const handshakes = new Counter({
    name: 'pgherd_collector_http_tls_handshake_failures_total',
    help: 'Connections to the TLS listener that ended before it was agreed upon.',
    registers: [registry],
  })
  const connections = new Counter({
    name: 'pgherd_collector_http_refused_connections_total',
    help: 'Connections closed at once: http.max_connections were open, or a quarter of them from one address.',
    labelNames: ['reason'] as const,
    registers: [registry],
  })
  return {
    observe: (method, route, status, seconds) =>
      durations.observe({ method, route, code: String(status) }, seconds),
    countWrite: (bytes) => writeBytes.inc(bytes),
    countCut: () => cuts.inc(),
    countSlowSender: () => slowSenders.inc(),
    countRefused: (reason) => refused.inc({ reason }),
    countRefusedConnection: (reason) => connections.inc({ reason }),
    countHandshakeFailure: () => handshakes.inc(),
  }
}
