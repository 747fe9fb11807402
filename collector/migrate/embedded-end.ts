import { join } from 'node:path'
import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'
import { openEmbeddedStore } from '../store/embedded/embedded-store.ts'
import type { EmbeddedStore } from '../store/embedded/embedded-store.ts'
import type { Source, Target } from './ends.ts'

/** Samples that are appended together; their arrays take 20 bytes each. */
const batchSamples = 100_000
/** Blocks are made at the end of each day: by then its windows need not be opened again. */
const dayMs = 86_400_000

/**
 * A collector's own store on which no collector runs, as either end. Whatever the retention, nothing of it is removed.
 * @param directory the collector's
 * @throws PgherdError DIRECTORY_LOCKED, DIRECTORY_UNUSABLE
 */
export async function openEmbeddedEnd(
  directory: string,
  parts: { readonly clock: Clock; readonly log: Log },
): Promise<Source & Target & AsyncDisposable> {
  const store = await open(join(directory, 'metrics'), parts)
  const waiting: SeriesSamples[] = []
  let count = 0
  const flush = async (): Promise<void> => {
    const pieces = waiting.splice(0)
    const samples = count
    count = 0
    if (samples > 0) await append(store, pieces, samples)
  }
  return {
    isExact: true,
    read: (selectors, fromMs, toMs) => store.exportSeries(selectors, fromMs, toMs),
    bounds() {
      const { minTimeMs, maxTimeMs } = store.stats()
      return Promise.resolve({ fromMs: minTimeMs, toMs: maxTimeMs })
    },
    async write(piece) {
      waiting.push(piece)
      count += piece.timestamps.length
      if (count >= batchSamples) await flush()
    },
    async settle(untilMs) {
      await flush()
      if (untilMs % dayMs === 0) await store.maintain()
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
    },
  }
}

async function open(
  directory: string,
  parts: { readonly clock: Clock; readonly log: Log },
): Promise<EmbeddedStore> {
  try {
    return await openEmbeddedStore({
      directory,
      retentionMs: Number.MAX_SAFE_INTEGER,
      maxSeries: Number.MAX_SAFE_INTEGER,
      // A window that is over is sealed at once: nothing comes late for it.
      slackMs: 0,
      maxHeadBytes: 512 << 20,
      maintainEveryMs: 0,
      ...parts,
    })
  } catch (error) {
    if (!(error instanceof PgherdError) || error.code !== 'DIRECTORY_LOCKED') throw error
    throw new PgherdError(
      'DIRECTORY_LOCKED',
      `${error.message}: stop the collector that keeps its metrics there, or name a snapshot's or a restored backup's directory`,
      { cause: error },
    )
  }
}

async function append(
  store: EmbeddedStore,
  pieces: readonly SeriesSamples[],
  samples: number,
): Promise<void> {
  const refs = new Uint32Array(samples)
  const timestamps = new Float64Array(samples)
  const values = new Float64Array(samples)
  const { refGeneration } = store
  let at = 0
  for (const piece of pieces) {
    const ref = store.seriesRef(piece.labels)
    if (ref < 0) throw new PgherdError('QUERY_LIMIT', 'the store refuses further series')
    refs.fill(ref, at, at + piece.timestamps.length)
    timestamps.set(piece.timestamps, at)
    values.set(piece.values, at)
    at += piece.timestamps.length
  }
  const { outOfBounds } = await store.append(refs, timestamps, values, samples, refGeneration)
  if (outOfBounds > 0)
    throw new PgherdError(
      'BAD_DATA',
      `${outOfBounds} samples are from the future, by the clock of this machine`,
    )
}
