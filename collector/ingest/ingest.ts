import { PgherdError } from '../../common/errors.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { decodeWriteRequest } from '../../common/wire/remote-write-decode.ts'
import type { IgnoredParts } from '../../common/wire/remote-write-decode.ts'
import { parseLabels, seriesRejections } from '../../common/wire/remote-write-labels.ts'
import type { SeriesRejection } from '../../common/wire/remote-write-labels.ts'
import { createSampleColumns } from '../../common/wire/sample-columns.ts'
import type { SampleColumns } from '../../common/wire/sample-columns.ts'
import { uncompressSnappy } from '../../common/wire/snappy-uncompress.ts'
import { requireSupported } from './content-type.ts'
import { createSeriesCache } from './series-cache.ts'

/** What an append did with the samples of one request. */
export interface Appended {
  readonly stored: number
  readonly duplicate: number
  readonly outOfBounds: number
}

export interface IngestOptions {
  readonly seriesRef: (labels: LabelSet) => number
  /** The arrays belong to the caller again when the promise settles. */
  readonly append: (
    refs: Uint32Array,
    timestamps: Float64Array,
    values: Float64Array,
    count: number,
  ) => Promise<Appended>
  readonly limits?: {
    /** Of a request as it arrives; 8 MiB unless told. */
    readonly maxBodyBytes?: number
    /** Of a request after decompression; 32 MiB unless told. */
    readonly maxUncompressedBytes?: number
    /** Series whose encoded labels are remembered; 500,000 unless told. */
    readonly maxCachedSeries?: number
  }
}

export interface IngestResult extends Appended {
  /** Samples of series that were refused; they are not in the store. */
  readonly rejectedSamples: number
  readonly rejectedSeries: Readonly<Partial<Record<SeriesRejection, number>>>
  readonly ignored: Readonly<IgnoredParts>
}

/** Totals since the start. */
export interface IngestStats {
  readonly requests: number
  /** Requests refused as a whole: damaged, too large, or of an unsupported kind. */
  readonly badRequests: number
  /** Requests that could not be stored; their sender sends them again. */
  readonly failedAppends: number
  readonly bodyBytes: number
  readonly samples: number
  readonly rejectedSamples: number
  readonly rejectedSeries: Readonly<Record<SeriesRejection, number>>
  readonly ignored: Readonly<IgnoredParts>
  readonly cachedSeries: number
}

export interface Ingest {
  /**
   * Stores one remote write 1.0 request. When the promise resolves, the samples of its valid series are durable.
   * @throws PgherdError UNSUPPORTED_ENCODING, REQUEST_TOO_LARGE or BAD_DATA for the request as a whole, and what append throws
   */
  write(
    body: Uint8Array,
    headers: { readonly contentType: string | undefined; readonly contentEncoding: string | undefined },
  ): Promise<IngestResult>
  stats(): IngestStats
}

/** More memory than this is not kept between requests: one huge request must not pin its size for ever. */
const maxKeptBytes = 4 * 1024 * 1024
const maxKeptColumns = 4

/** The receiving end of remote write: bytes to references and typed arrays, and those to the store. */
export function createIngest(options: IngestOptions): Ingest {
  const maxBodyBytes = options.limits?.maxBodyBytes ?? 8 * 1024 * 1024
  const maxUncompressedBytes = options.limits?.maxUncompressedBytes ?? 32 * 1024 * 1024
  const cache = createSeriesCache({
    maxEntries: options.limits?.maxCachedSeries ?? 500_000,
    seed: crypto.getRandomValues(new Int32Array(1))[0]!,
  })
  const totals = {
    requests: 0,
    badRequests: 0,
    failedAppends: 0,
    bodyBytes: 0,
    samples: 0,
    rejectedSamples: 0,
    rejectedSeries: Object.fromEntries(seriesRejections.map((reason) => [reason, 0])) as Record<
      SeriesRejection,
      number
    >,
    ignored: { exemplars: 0, histograms: 0, metadata: 0 },
  }
  let scratch: Uint8Array = new Uint8Array(0)
  const freeColumns: SampleColumns[] = []

  const resolveNew = (bytes: Uint8Array, from: number, to: number): number => {
    const labels = parseLabels(bytes.subarray(from, to))
    // A refusal is remembered like a reference, as a negative number: its sender will repeat it too.
    const ref = typeof labels === 'string' ? -1 - seriesRejections.indexOf(labels) : options.seriesRef(labels)
    cache.add(bytes, from, to, ref)
    return ref
  }

  const decode = (body: Uint8Array, columns: SampleColumns) => {
    if (body.length > maxBodyBytes) {
      throw new PgherdError(
        'REQUEST_TOO_LARGE',
        `the body has ${body.length} bytes; at most ${maxBodyBytes} are accepted`,
      )
    }
    const bytes = uncompressSnappy(body, maxUncompressedBytes, scratch)
    if (bytes.length > scratch.length && bytes.length <= maxKeptBytes) scratch = bytes
    const rejectedSeries: Partial<Record<SeriesRejection, number>> = {}
    let rejectedSamples = 0
    cache.startRequest(bytes)
    const ignored = decodeWriteRequest(bytes, columns, (labels, from, to, samples) => {
      const ref = cache.get(labels, from, to) ?? resolveNew(labels, from, to)
      if (ref < 0) {
        const reason = seriesRejections[-1 - ref]!
        rejectedSeries[reason] = (rejectedSeries[reason] ?? 0) + 1
        rejectedSamples += samples
      }
      return ref
    })
    return { ignored, rejectedSeries, rejectedSamples }
  }

  return {
    async write(body, headers) {
      totals.requests++
      totals.bodyBytes += body.length
      const columns = freeColumns.pop() ?? createSampleColumns()
      columns.count = 0
      try {
        let decoded: ReturnType<typeof decode>
        try {
          requireSupported(headers)
          decoded = decode(body, columns)
        } catch (error) {
          totals.badRequests++
          throw error
        }
        totals.rejectedSamples += decoded.rejectedSamples
        for (const reason of seriesRejections) {
          totals.rejectedSeries[reason] += decoded.rejectedSeries[reason] ?? 0
        }
        totals.ignored.exemplars += decoded.ignored.exemplars
        totals.ignored.histograms += decoded.ignored.histograms
        totals.ignored.metadata += decoded.ignored.metadata
        let appended: Appended = { stored: 0, duplicate: 0, outOfBounds: 0 }
        if (columns.count > 0) {
          try {
            appended = await options.append(columns.refs, columns.timestamps, columns.values, columns.count)
          } catch (error) {
            totals.failedAppends++
            throw error
          }
          totals.samples += columns.count
        }
        return { ...appended, ...decoded }
      } finally {
        if (freeColumns.length < maxKeptColumns && columns.values.byteLength <= maxKeptBytes) {
          freeColumns.push(columns)
        }
      }
    },
    stats: () => ({
      ...totals,
      rejectedSeries: { ...totals.rejectedSeries },
      ignored: { ...totals.ignored },
      cachedSeries: cache.size,
    }),
  }
}
