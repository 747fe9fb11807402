import type { Registry } from 'prom-client'
import type { Clock } from '../../common/clock.ts'
import type { PgherdError } from '../../common/errors.ts'
import type { NotifyView } from '../../common/alerts/notify-view.ts'
import type { ClusterBackups, RunQuery } from '../../common/backup/backup-view.ts'
import type { ClusterView } from '../../common/health/cluster-view.ts'
import type { Log } from '../../common/log.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { Matcher } from '../../common/series/matcher.ts'
import type { EventQuery, FleetEvent } from '../../common/wire/events.ts'
import type { NodeView, PingView } from '../../common/wire/nodes.ts'
import type { ChannelSocket } from '../../common/wire/channel-socket.ts'
import type { AuthService } from './auth/auth-service.ts'
import type { AuditService, CommandService } from './command-service.ts'
import type { RuleFilesService } from './rule-files-service.ts'
import type { SilenceService } from './silence-service.ts'
import type { InsertService } from './insert-service.ts'
import type { DdlService } from '../../common/insight/ddl-service.ts'
import type { KeptReport, WatchdogQuery } from '../../common/insight/watchdog-view.ts'
import type { QueriesService } from '../../common/insight/queries-service.ts'
import type { IndexesService } from '../../common/insight/indexes-service.ts'
import type { KeptIndex } from '../../common/insight/saved-index.ts'
import type { QueryLanguage } from './query-language.ts'
import type { QueryService } from './query-service.ts'
import type { AlertView, RuleGroupView } from './rule-views.ts'
import type { AboutCollector } from './about-collector.ts'
import type { SeriesCardinality, StoreAdministration } from '../../common/store-administration.ts'

export interface IndexLimits {
  /** Ends the search with CANCELLED. */
  readonly signal: AbortSignal
  /** More series than that are refused with QUERY_LIMIT before all have been found. */
  readonly maxSeries?: number
}

/** Which series there are; the store answers. Times are milliseconds since the epoch, both ends included. */
export interface SeriesIndex {
  series(
    selectors: readonly (readonly Matcher[])[],
    fromMs: number,
    toMs: number,
    limits: IndexLimits,
  ): Promise<LabelSet[]>
  labelNames(
    selectors: readonly (readonly Matcher[])[],
    fromMs: number,
    toMs: number,
    limits: IndexLimits,
  ): Promise<string[]>
  labelValues(
    name: string,
    selectors: readonly (readonly Matcher[])[],
    fromMs: number,
    toMs: number,
    limits: IndexLimits,
  ): Promise<string[]>
}

export interface HttpLimits {
  /** Of a remote write request as it arrives. */
  readonly writeBodyBytes: number
  /** Bodies of remote write that are in memory at one time; what else they need is a few times that. */
  readonly writingBytes: number
  /** Imports of any size that are read at one time. */
  readonly concurrentImports: number
  /** Requests of remote write that may wait for room, as long as queries for their turn; then they are answered 503. */
  readonly waitingWrites: number
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
  /** Exports that are being sent at one time. */
  readonly concurrentExports: number
  /** Samples of one answer; a label set counts as 16. */
  readonly answerSamples: number
  /** Samples of all answers that are being sent at one time. */
  readonly sendingSamples: number
  /** Samples of one answer to a remote read, which is in memory as a whole. */
  readonly remoteReadSamples: number
  /** A connection whose reader takes less than a kilobyte per second for so long is closed. */
  readonly sendStallMs: number
  readonly connections: number
}

export const defaultLimits: HttpLimits = {
  writeBodyBytes: 8 * 1024 * 1024,
  writingBytes: 32 * 1024 * 1024,
  concurrentImports: 16,
  waitingWrites: 1024,
  queryBodyBytes: 1024 * 1024,
  headerBytes: 64 * 1024,
  requestTimeoutMs: 60_000,
  queryTimeoutMs: 30_000,
  concurrentQueries: 16,
  waitingQueries: 256,
  maxWaitMs: 10_000,
  closeGraceMs: 3_000,
  concurrentExports: 8,
  answerSamples: 10_000_000,
  sendingSamples: 20_000_000,
  remoteReadSamples: 5_000_000,
  sendStallMs: 60_000,
  connections: 8_192,
}

/** What stands behind the HTTP API; collector/main.ts fills it in. */
export interface HttpDependencies {
  readonly clock: Clock
  readonly log: Log
  /** Everything in it is shown under /metrics; the server adds its own metrics. */
  readonly registry: Registry
  /** Whom the fleet knows. */
  readonly auth: AuthService
  readonly query: QueryService
  readonly language: QueryLanguage
  readonly index: SeriesIndex
  readonly about: AboutCollector
  /** Left out where the store cannot do it; then the routes that need it say so. */
  readonly administration?: StoreAdministration
  readonly cardinality?: SeriesCardinality
  /**
   * The selectors of one match[] parameter (MetricsQL's `or` makes several).
   * @throws PgherdError QUERY_INVALID
   */
  parseSelector(text: string): readonly (readonly Matcher[])[]
  /** Takes samples in, and knows what senders said about metrics. */
  readonly insert: InsertService
  rules(): readonly RuleGroupView[]
  alerts(): readonly AlertView[]
  /** Reads the rule files again; resolves to why everything stayed as it was, or to undefined. */
  reload(): Promise<PgherdError | undefined>
  readonly ruleFiles: RuleFilesService
  readonly silences: SilenceService
  /** How alerts go out, and how that goes. */
  notify(signal: AbortSignal): Promise<NotifyView>
  nodes(signal: AbortSignal): Promise<readonly NodeView[]>
  /** @throws PgherdError NOT_FOUND, UNREACHABLE, TIMED_OUT */
  ping(node: string, signal: AbortSignal): Promise<PingView>
  acceptChannel(socket: ChannelSocket): void
  readonly commands: CommandService
  readonly audit: AuditService
  /** What happened to the fleet, the newest first. */
  events(query: EventQuery): readonly FleetEvent[]
  /** The clusters as agents report them, judged now. */
  readonly clusters: {
    list(): readonly ClusterView[]
    one(name: string): ClusterView | undefined
  }
  /** What agents have told of backups. */
  readonly backups: {
    list(query: RunQuery): readonly ClusterBackups[]
    one(cluster: string, query: RunQuery): ClusterBackups | undefined
  }
  readonly queries: QueriesService
  readonly indexes: IndexesService
  /** Dropped indexes of a cluster, the newest first. */
  readonly savedIndexes: (cluster: string) => readonly KeptIndex[]
  readonly ddl: DdlService
  /** What watchdogs have seen and done, the newest first. */
  readonly watchdog: (query: WatchdogQuery) => readonly KeptReport[]
  /** False until everything behind the API has started. */
  isReady(): boolean
  /** Names under which the collector is reached beside localhost and its addresses. */
  readonly hostNames?: readonly string[]
  /** Addresses and networks from which many others come. */
  readonly proxies?: readonly string[]
  /** Grafana dashboards, by the names of their files. */
  readonly boards: {
    list(): readonly {
      readonly uid: string
      readonly title: string
      readonly tags: readonly string[]
      readonly file: string
    }[]
    text(file: string): string | undefined
  }
  /** The built web page, with an index.html. */
  readonly webDirectory: string
  readonly limits?: Partial<HttpLimits>
}
