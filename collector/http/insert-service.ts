import type { MetricMetadata } from '../../common/series/metric-type.ts'

export interface InsertHeaders {
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
}

/** Everything that a request says besides its body. */
export interface InsertRequest extends InsertHeaders {
  readonly parameters: URLSearchParams
  /** Labels that stand in the path. */
  readonly labels?: readonly (readonly [string, string])[]
}

/** What remote write 2.0 answers besides its status. */
export interface WriteOutcome {
  /** Series that were refused for being another node's than the sender's; the others are stored. */
  readonly foreignSeries?: number
  readonly v2?: {
    readonly samplesWritten: number
    /** Why a part of the request was not written; it is answered 400 then. */
    readonly refused: string | undefined
  }
}

export type LineFormat = 'json' | 'prometheus' | 'influx' | 'csv'

/** What takes samples in, behind the HTTP API; the ingest stage does. */
export interface InsertService {
  /**
   * Stores one remote write request; it is durable when the promise resolves.
   * @param extraLabels `name=value`, for every series
   * @param node whose agent sends it, by its certificate
   * @throws PgherdError BAD_DATA, UNSUPPORTED_ENCODING, REQUEST_TOO_LARGE, DISK_FULL
   */
  write(
    body: Uint8Array,
    headers: InsertHeaders,
    extraLabels: readonly string[],
    node?: string,
  ): Promise<WriteOutcome>
  /**
   * Stores the lines of a body while they arrive; all are durable when the promise resolves.
   * @throws PgherdError BAD_REQUEST, BAD_DATA, UNSUPPORTED_ENCODING, CANCELLED, DISK_FULL
   */
  importLines(format: LineFormat, body: AsyncIterable<Uint8Array>, request: InsertRequest): Promise<unknown>
  /** The same for VictoriaMetrics' native format. */
  importNative(body: AsyncIterable<Uint8Array>, request: InsertRequest): Promise<unknown>
  /**
   * Stores an OTLP metrics request; what could not be stored is told in the answer.
   * @throws PgherdError BAD_REQUEST, BAD_DATA, UNSUPPORTED_ENCODING, REQUEST_TOO_LARGE, DISK_FULL
   */
  otlp(
    body: Uint8Array,
    request: InsertRequest,
  ): Promise<{ readonly contentType: string; readonly body: Uint8Array }>
  /** What senders said about metrics, or about one of them. */
  metadata(metric?: string): ReadonlyMap<string, readonly MetricMetadata[]>
}
