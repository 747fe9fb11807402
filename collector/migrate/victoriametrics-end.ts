import { compress } from 'snappyjs'
import type { Clock } from '../../common/clock.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'
import { createProtobufWriter } from '../../common/wire/protobuf-write.ts'
import { remoteWriteHeaders } from '../../common/wire/remote-write-encode.ts'
import { bytesField, encodeTimeSeries } from '../../common/wire/time-series-encode.ts'
import { createRawSamples } from '../store/victoriametrics/raw-samples.ts'
import type { Source, Target } from './ends.ts'
import type { Web } from './web-end.ts'

/** The engine takes 32 MiB before compression by default. */
const maxBodyBytes = 4 << 20
const exportTimeoutMs = 3_600_000
/** A piece is written in parts of so many samples, 22 bytes each at most. */
const partSamples = 50_000

/**
 * A VictoriaMetrics as either end: read by /api/v1/export, written by remote write, whose values are bits, so that stale
 * markers are what they are.
 * @param select where it is read; in a cluster another server than the one that is written to
 */
export function createVictoriaMetricsEnd(insert: Web, select: Web, clock: Clock): Source & Target {
  const raw = createRawSamples({ select, path: '/api/v1', clock })
  const message = createProtobufWriter()
  const flush = async (): Promise<void> => {
    if (message.length === 0) return
    const body = compress(message.written())
    message.reset()
    await insert.send({ method: 'POST', path: '/api/v1/write', headers: remoteWriteHeaders, body })
  }
  return {
    isExact: false,
    read: (selectors, fromMs, toMs) => raw(selectors, fromMs, toMs, { timeoutMs: exportTimeoutMs }),
    bounds: () => Promise.resolve({ fromMs: undefined, toMs: undefined }),
    async write(piece) {
      for (const part of partsOf(piece)) {
        message.bytes(bytesField(1, encodeTimeSeries(part)))
        if (message.length >= maxBodyBytes) await flush()
      }
    },
    async settle() {
      await flush()
      // What it has acknowledged is in its memory for seconds. A cluster, or a proxy, may not know the path.
      const flushed = await select.stream({ method: 'GET', path: '/internal/force_flush' })
      for await (const part of flushed.body) if (part.length === 0) break
    },
  }
}

function partsOf(piece: SeriesSamples): readonly SeriesSamples[] {
  const { labels, timestamps, values } = piece
  if (timestamps.length <= partSamples) return [piece]
  return Array.from({ length: Math.ceil(timestamps.length / partSamples) }, (_, i) => ({
    labels,
    timestamps: timestamps.subarray(i * partSamples, (i + 1) * partSamples),
    values: values.subarray(i * partSamples, (i + 1) * partSamples),
  }))
}
