import { PgherdError } from '../../common/errors.ts'
import type { LabelLimits } from '../../common/series/label-rules.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { decodeWriteRequest } from '../../common/wire/remote-write-decode.ts'
import type { IgnoredParts, ResolveSeries } from '../../common/wire/remote-write-decode.ts'
import { decodeWriteMetadata } from '../../common/wire/remote-write-metadata.ts'
import { decodeWriteV2Request } from '../../common/wire/remote-write-v2-decode.ts'
import { createSampleColumns } from '../../common/wire/sample-columns.ts'
import type { SampleColumns } from '../../common/wire/sample-columns.ts'
import type { Append, Appended } from './appended.ts'
import { uncompress } from './compression.ts'
import { readWriteFormat } from './content-type.ts'
import type { WriteFormat, WriteHeaders } from './content-type.ts'
import type { ExtraLabels } from './extra-labels.ts'
import { addIgnored, addRefusals } from './ingest-totals.ts'
import type { IngestTotals } from './ingest-totals.ts'
import type { MetadataStore } from './metadata-store.ts'
import { countRefusal, reasonOf, tellRefusals } from './refusals.ts'
import type { Refusals } from './refusals.ts'
import type { SeriesCache } from './series-cache.ts'
import type { MayWrite } from './series-owner.ts'
import { createSeriesResolver } from './series-resolver.ts'

export interface RemoteWriteOptions {
  readonly seriesRef: (labels: LabelSet) => number
  readonly refGeneration?: (() => number) | undefined
  readonly append: Append
  readonly cache: SeriesCache
  readonly labelLimits?: LabelLimits | undefined
  readonly maxBodyBytes: number
  readonly maxUncompressedBytes: number
  readonly metadata: MetadataStore
  readonly totals: IngestTotals
}

export interface WriteResult extends Appended {
  /** Samples of series that were refused; they are not in the store. */
  readonly rejectedSamples: number
  readonly rejectedSeries: Readonly<Refusals>
  readonly ignored: Readonly<IgnoredParts>
  /** What remote write 2.0 answers besides its status. */
  readonly v2?: V2Answer
}

export interface V2Answer {
  readonly samplesWritten: number
  /** Why a part of the request was not written; the request is then answered 400. */
  readonly refused: string | undefined
}

/** More memory than this is not kept between requests: one huge request must not pin its size for ever. */
const maxKeptBytes = 4 * 1024 * 1024
const maxKeptColumns = 4

interface Decoded {
  readonly ignored: IgnoredParts
  readonly rejectedSeries: Refusals
  readonly rejectedSamples: Refusals
  /** Series of remote write 2.0 without valid references to symbols, and their samples. */
  readonly badReferences: { series: number; samples: number }
}

/** Remote write 1.0 and 2.0: bytes to references and typed arrays, and those to the store. */
export function createRemoteWrite(
  options: RemoteWriteOptions,
): (
  body: Uint8Array,
  headers: WriteHeaders,
  extra?: ExtraLabels,
  mayWrite?: MayWrite,
) => Promise<WriteResult> {
  const { totals, metadata } = options
  const resolver = createSeriesResolver(options)
  let scratch: Uint8Array = new Uint8Array(0)
  const freeColumns: SampleColumns[] = []

  const unpack = (body: Uint8Array, { compression }: WriteFormat): Uint8Array => {
    if (body.length > options.maxBodyBytes) {
      throw new PgherdError(
        'REQUEST_TOO_LARGE',
        `the body has ${body.length} bytes; at most ${options.maxBodyBytes} are accepted`,
      )
    }
    const other = compression === 'snappy' ? 'zstd' : 'snappy'
    const bytes = eitherWay(
      () => uncompress(body, compression, options.maxUncompressedBytes, scratch),
      () => uncompress(body, other, options.maxUncompressedBytes, scratch),
    )
    if (bytes.length > scratch.length && bytes.length <= maxKeptBytes) scratch = bytes
    return bytes
  }

  const decode = (
    bytes: Uint8Array,
    version: 1 | 2,
    columns: SampleColumns,
    extra: ExtraLabels | undefined,
    mayWrite: MayWrite | undefined,
  ): Decoded => {
    const rejectedSeries: Refusals = {}
    const rejectedSamples: Refusals = {}
    const badReferences = { series: 0, samples: 0 }
    const known = resolver.start(bytes, extra, mayWrite)
    const resolve: ResolveSeries = (labels, from, to, samples) => {
      const ref = known(labels, from, to)
      if (ref < 0) {
        countRefusal(rejectedSeries, reasonOf(ref))
        countRefusal(rejectedSamples, reasonOf(ref), samples)
      }
      return ref
    }
    if (version === 1) {
      const ignored = decodeWriteRequest(
        bytes,
        columns,
        resolve,
        extra === undefined ? resolver.expected : undefined,
      )
      if (ignored.metadata > 0) decodeWriteMetadata(bytes, (metric, said) => metadata.add(metric, said))
      return { ignored, rejectedSeries, rejectedSamples, badReferences }
    }
    const ignored = decodeWriteV2Request(bytes, columns, {
      resolve,
      onBadReference(samples) {
        badReferences.series++
        badReferences.samples += samples
      },
      onMetadata: (metric, said) => metadata.add(metric, said),
    })
    return { ignored, rejectedSeries, rejectedSamples, badReferences }
  }

  const append = async (columns: SampleColumns, generation: number): Promise<Appended> => {
    if (columns.count === 0) return { stored: 0, duplicate: 0, outOfBounds: 0 }
    try {
      const { refs, timestamps, values, count } = columns
      const appended = await options.append(refs, timestamps, values, count, generation)
      totals.samples += columns.count
      return appended
    } catch (error) {
      totals.failedAppends++
      throw error
    }
  }

  return async (body, headers, extra, mayWrite) => {
    totals.requests++
    totals.bodyBytes += body.length
    const columns = freeColumns.pop() ?? createSampleColumns()
    columns.count = 0
    const generation = options.refGeneration?.() ?? 0
    try {
      let decoded: Decoded
      let format: WriteFormat
      try {
        format = readWriteFormat(headers)
        decoded = decode(unpack(body, format), format.version, columns, extra, mayWrite)
      } catch (error) {
        totals.badRequests++
        throw error
      }
      const { rejectedSeries, ignored, badReferences } = decoded
      addRefusals(totals, rejectedSeries, decoded.rejectedSamples)
      addIgnored(totals, ignored)
      totals.badReferences += badReferences.samples
      const appended = await append(columns, generation)
      const samples = Object.values(decoded.rejectedSamples).reduce((sum, count) => sum + count, 0)
      const result = {
        ...appended,
        rejectedSeries,
        ignored,
        rejectedSamples: samples + badReferences.samples,
      }
      if (format.version === 1) return result
      const samplesWritten = appended.stored + appended.duplicate
      return { ...result, v2: { samplesWritten, refused: tellRefused(decoded, appended, samplesWritten) } }
    } finally {
      if (freeColumns.length < maxKeptColumns && columns.values.byteLength <= maxKeptBytes) {
        freeColumns.push(columns)
      }
    }
  }
}

/** VictoriaMetrics' senders name the wrong compression at times; when both fail, the named one is complained about. */
function eitherWay(named: () => Uint8Array, other: () => Uint8Array): Uint8Array {
  try {
    return named()
  } catch (error) {
    if (!(error instanceof PgherdError)) throw error
    try {
      return other()
    } catch {
      throw error
    }
  }
}

/**
 * The specification of remote write 2.0 wants 400 whenever a part of the request was not written, histograms
 * included. Exemplars are no reason: receivers without a place for them take the rest.
 */
function tellRefused(decoded: Decoded, appended: Appended, samplesWritten: number): string | undefined {
  const labels = tellRefusals(decoded.rejectedSeries)
  const { series } = decoded.badReferences
  const reasons = [
    ...(labels === '' ? [] : [`series with labels that are not allowed: ${labels}`]),
    ...(series === 0 ? [] : [`series with invalid symbol references: ${series}`]),
    ...(appended.outOfBounds === 0
      ? []
      : [`samples older than the retention or too far in the future: ${appended.outOfBounds}`]),
    ...(decoded.ignored.histograms === 0
      ? []
      : [`native histograms, which are not supported: ${decoded.ignored.histograms}`]),
  ]
  if (reasons.length === 0) return undefined
  return `a part of the request was not written (${samplesWritten} samples were): ${reasons.join('; ')}`
}
