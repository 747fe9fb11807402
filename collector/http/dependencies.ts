import type { Registry } from 'prom-client'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { Matcher } from '../../common/series/matcher.ts'
import type { NodeView, PingView } from '../../common/wire/nodes.ts'
import type { ChannelSocket } from '../../common/wire/channel-socket.ts'
import type { QueryService } from './query-service.ts'
import type { AlertView, RuleGroupView } from './rule-views.ts'

/** Which series there are; the store answers. Times are milliseconds since the epoch, both ends included. */
export interface SeriesIndex {
  series(selectors: readonly (readonly Matcher[])[], fromMs: number, toMs: number): Promise<LabelSet[]>
  labelNames(selectors: readonly (readonly Matcher[])[], fromMs: number, toMs: number): Promise<string[]>
  labelValues(
    name: string,
    selectors: readonly (readonly Matcher[])[],
    fromMs: number,
    toMs: number,
  ): Promise<string[]>
}

export interface HttpLimits {
  /** Of a remote write request as it arrives. */
  readonly writeBodyBytes: number
  /** Of a query in a form body. */
  readonly queryBodyBytes: number
  /** Of a request's head; queries in a URL count. */
  readonly headerBytes: number
  /** For a request to arrive completely. */
  readonly requestTimeoutMs: number
  /** Deadline of one query; a request may ask for less. */
  readonly queryTimeoutMs: number
  readonly concurrentQueries: number
  /** Queries that may wait for their turn, and for how long, before they are answered 429. */
  readonly waitingQueries: number
  readonly maxWaitMs: number
  /** Requests in flight get this long when the server is disposed of. */
  readonly closeGraceMs: number
}

export const defaultLimits: HttpLimits = {
  writeBodyBytes: 8 * 1024 * 1024,
  queryBodyBytes: 1024 * 1024,
  headerBytes: 64 * 1024,
  requestTimeoutMs: 60_000,
  queryTimeoutMs: 30_000,
  concurrentQueries: 16,
  waitingQueries: 256,
  maxWaitMs: 10_000,
  closeGraceMs: 3_000,
}

/** What stands behind the HTTP API; collector/main.ts fills it in. */
export interface HttpDependencies {
  readonly clock: Clock
  readonly log: Log
  /** Everything in it is shown under /metrics; the server adds its own metrics. */
  readonly registry: Registry
  readonly query: QueryService
  readonly index: SeriesIndex
  /**
   * The selectors of one match[] parameter (MetricsQL's `or` makes several).
   * @throws PgherdError QUERY_INVALID
   */
  parseSelector(text: string): readonly (readonly Matcher[])[]
  /**
   * Stores one remote write request; it is durable when the promise resolves.
   * @throws PgherdError BAD_DATA, UNSUPPORTED_ENCODING, REQUEST_TOO_LARGE, DISK_FULL
   */
  write(
    body: Uint8Array,
    headers: { readonly contentType: string | undefined; readonly contentEncoding: string | undefined },
  ): Promise<unknown>
  rules(): readonly RuleGroupView[]
  alerts(): readonly AlertView[]
  nodes(signal: AbortSignal): Promise<readonly NodeView[]>
  /** @throws PgherdError NOT_FOUND, UNREACHABLE, TIMED_OUT */
  ping(node: string, signal: AbortSignal): Promise<PingView>
  acceptChannel(socket: ChannelSocket): void
  /** False until everything behind the API has started. */
  isReady(): boolean
  /** The built web page, with an index.html. */
  readonly webDirectory: string
  readonly limits?: Partial<HttpLimits>
}
