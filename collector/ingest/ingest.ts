import type { LabelLimits } from '../../common/series/label-rules.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { MetricMetadata } from '../../common/series/metric-type.ts'
import type { Append } from './appended.ts'
import { readCompression } from './compression.ts'
import { readOtlpContentType } from './content-type.ts'
import type { WriteHeaders } from './content-type.ts'
import { readExtraLabels } from './extra-labels.ts'
import { lineReaders } from './import/formats.ts'
import type { ImportFormat } from './import/formats.ts'
import { importLines } from './import/import-lines.ts'
import { importNative } from './import/import-native.ts'
import type { CreateLineReader } from './import/line-reader.ts'
import { uncompressStream, uncompressWhole } from './import/uncompress-stream.ts'
import { addResult, countFailure, createIngestTotals } from './ingest-totals.ts'
import type { IngestTotals } from './ingest-totals.ts'
import { createIntake } from './intake.ts'
import type { Intake, IntakeResult } from './intake.ts'
import { createMetadataStore } from './metadata-store.ts'
import { importOtlp } from './otlp/import-otlp.ts'
import type { OtlpNaming } from './otlp/naming.ts'
import { answerOtlp } from './otlp/otlp-answer.ts'
import type { OtlpAnswer } from './otlp/otlp-answer.ts'
import { readOtlpJson } from './otlp/read-json.ts'
import { readOtlpProtobuf } from './otlp/read-protobuf.ts'
import { createRemoteWrite } from './remote-write.ts'
import type { WriteResult } from './remote-write.ts'
import { createSeriesCache } from './series-cache.ts'
import type { MayWrite } from './series-owner.ts'

export interface IngestOptions {
  readonly seriesRef: (labels: LabelSet) => number
  /** References are valid while it stays the same; for good unless told. */
  readonly refGeneration?: () => number
  readonly append: Append
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly limits?: {
    /** Of a request as it arrives; 8 MiB unless told. */
    readonly maxBodyBytes?: number
    /** Of a request after decompression; 32 MiB unless told. */
    readonly maxUncompressedBytes?: number
    /** Series whose encoded labels are remembered; 500,000 unless told. */
    readonly maxCachedSeries?: number
    readonly labels?: LabelLimits
  }
  /** How metrics of OTLP are called; as in Prometheus unless told. */
  readonly otlpNaming?: OtlpNaming
}

/** How rows come in: everything that a request says besides its body. */
export interface ImportRequest extends WriteHeaders {
  readonly parameters: URLSearchParams
  /** Labels that stand in the path, as with a push gateway; `extra_label` parameters come on top. */
  readonly labels?: readonly (readonly [string, string])[]
}

/** Totals since the start, over all formats. */
export type IngestStats = Readonly<IngestTotals> & { readonly cachedSeries: number }

export interface Ingest {
  /**
   * Stores one remote write request, 1.0 or 2.0. When the promise resolves, the samples of its valid series are durable.
   * @param extra `extra_label` parameters
   * @param mayWrite whose series the sender may write; all unless told
   * @throws PgherdError UNSUPPORTED_ENCODING, REQUEST_TOO_LARGE, BAD_DATA or BAD_REQUEST for the request as a whole, and what append throws
   */
  write(
    body: Uint8Array,
    headers: WriteHeaders,
    extra?: readonly string[],
    mayWrite?: MayWrite,
  ): Promise<WriteResult>
  /**
   * Stores the lines of a body of any size while they arrive. When the promise resolves, all of them are durable.
   * @throws PgherdError BAD_REQUEST, UNSUPPORTED_ENCODING, BAD_DATA (a damaged body, or one with bad lines: the message
   * says what was stored), CANCELLED, and what append throws
   */
  importLines(
    format: ImportFormat,
    body: AsyncIterable<Uint8Array>,
    request: ImportRequest,
  ): Promise<IntakeResult>
  /**
   * Stores a body of any size in VictoriaMetrics' native format. When the promise resolves, all of it is durable.
   * @throws PgherdError as importLines does
   */
  importNative(body: AsyncIterable<Uint8Array>, request: ImportRequest): Promise<IntakeResult>
  /**
   * Stores an OTLP metrics request. Points that cannot be stored are told in the answer, the others are durable.
   * @throws PgherdError UNSUPPORTED_ENCODING, REQUEST_TOO_LARGE, BAD_DATA, BAD_REQUEST, and what append throws
   */
  otlp(body: Uint8Array, request: ImportRequest): Promise<OtlpAnswer>
  /** What senders said about metrics, or about one of them. */
  metadata(metric?: string): ReadonlyMap<string, readonly MetricMetadata[]>
  stats(): IngestStats
}

/** Of an OTLP request, unpacked. */
const maxOtlpBytes = 32 * 1024 * 1024

/** The receiving end of every format: bytes to references and typed arrays, and those to the store. */
export function createIngest(options: IngestOptions): Ingest {
  const { seriesRef, refGeneration, append, limits } = options
  const cache = createSeriesCache({
    maxEntries: limits?.maxCachedSeries ?? 500_000,
    seed: crypto.getRandomValues(new Int32Array(1))[0]!,
  })
  const totals = createIngestTotals()
  const metadata = createMetadataStore()
  const onMetadata = (metric: string, said: MetricMetadata): void => metadata.add(metric, said)
  const naming = options.otlpNaming ?? 'prometheus'
  const write = createRemoteWrite({
    seriesRef,
    refGeneration,
    append,
    cache,
    metadata,
    totals,
    labelLimits: limits?.labels,
    maxBodyBytes: limits?.maxBodyBytes ?? 8 * 1024 * 1024,
    maxUncompressedBytes: limits?.maxUncompressedBytes ?? 32 * 1024 * 1024,
  })

  async function* counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of body) {
      totals.bodyBytes += chunk.length
      yield chunk
    }
  }

  const importStream = async (
    body: AsyncIterable<Uint8Array>,
    request: ImportRequest,
    read: (bytes: AsyncIterable<Uint8Array>, intake: Intake) => Promise<void>,
  ): Promise<IntakeResult> => {
    totals.requests++
    const extraLabels = readExtraLabels(request.parameters.getAll('extra_label'), request.labels)
    const intake = createIntake({ seriesRef, refGeneration, append, limits: limits?.labels, extraLabels })
    const bytes = uncompressStream(counted(body), readCompression(request.contentEncoding))
    try {
      await read(bytes, intake)
    } catch (error) {
      countFailure(totals, error)
      throw error
    } finally {
      addResult(totals, intake.result())
    }
    return intake.result()
  }

  return {
    write: async (body, headers, extra = [], mayWrite) =>
      write(body, headers, readExtraLabels(extra), mayWrite),
    importLines: (format, body, request) =>
      importStream(body, request, (bytes, intake) => {
        const createReader: CreateLineReader = lineReaders[format]
        const readLine = createReader(intake, {
          parameters: request.parameters,
          contentType: request.contentType,
          nowMs: options.now(),
          onMetadata,
        })
        return importLines(bytes, readLine, intake, () => totals.badLines++)
      }),
    importNative: (body, request) => importStream(body, request, importNative),
    async otlp(body, request) {
      totals.requests++
      totals.bodyBytes += body.length
      const extraLabels = readExtraLabels(request.parameters.getAll('extra_label'), request.labels)
      const intake = createIntake({ seriesRef, refGeneration, append, limits: limits?.labels, extraLabels })
      try {
        const contentType = readOtlpContentType(request.contentType)
        const bytes = await uncompressWhole(body, readCompression(request.contentEncoding), maxOtlpBytes)
        const resources = contentType === 'application/json' ? readOtlpJson(bytes) : readOtlpProtobuf(bytes)
        const refusals = await importOtlp(resources, intake, { naming, onMetadata })
        totals.refusedPoints += refusals.points
        return answerOtlp(contentType, refusals)
      } catch (error) {
        countFailure(totals, error)
        throw error
      } finally {
        addResult(totals, intake.result())
      }
    },
    metadata: (metric) => metadata.list(metric),
    stats: () => ({
      ...totals,
      rejectedSeries: { ...totals.rejectedSeries },
      rejectedSamplesBy: { ...totals.rejectedSamplesBy },
      ignored: { ...totals.ignored },
      cachedSeries: cache.size,
    }),
  }
}
