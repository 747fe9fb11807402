import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Writable } from 'node:stream'
import type { Clock } from '../../common/clock.ts'
import { PgherdError, systemCodeOf } from '../../common/errors.ts'
import { silentLog } from '../../common/log.ts'
import type { Matcher } from '../../common/series/matcher.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'
import { openEmbeddedStore } from '../store/embedded/embedded-store.ts'
import type { EmbeddedStore } from '../store/embedded/embedded-store.ts'
import type { StorePaths } from '../store/embedded/files.ts'
import { writeParquet } from './parquet-file.ts'

/** What other parts of the collector know. */
export interface ExportTools {
  readonly clock: Clock
  readonly output: Writable
  /** For people: progress and the result. */
  readonly complain: (line: string) => void
  /** @throws PgherdError QUERY_INVALID */
  parseSelector(text: string): readonly (readonly Matcher[])[]
  jsonLines(pieces: AsyncIterable<SeriesSamples>, maxRows: number): AsyncIterable<string>
}

export interface ExportOptions {
  readonly format: string
  readonly output: string
  readonly match?: readonly string[]
  readonly start?: number
  readonly end?: number
}

const samplesPerLine = 10_000
const progressEveryMs = 2_000

/**
 * Exports what matches; a few series are in memory at a time.
 * @throws PgherdError USAGE, DIRECTORY_LOCKED, DISK_FULL
 */
export async function exportStore(
  paths: StorePaths,
  options: ExportOptions,
  tools: ExportTools,
): Promise<void> {
  const { format, output } = options
  if (format !== 'jsonl' && format !== 'parquet') {
    throw new PgherdError('USAGE', `--format was ${format}; allowed: jsonl, parquet`)
  }
  if (format === 'parquet' && output === '-') {
    throw new PgherdError('USAGE', 'Parquet needs a file; --output - is for jsonl')
  }
  const selectors = (options.match ?? []).flatMap((text) => tools.parseSelector(text))
  await using store = await openStore(paths.directory, tools.clock)
  const total = { series: 0, samples: 0 }
  const pieces = counted(
    store.exportSeries(selectors, options.start ?? 0, options.end ?? Number.MAX_SAFE_INTEGER),
    total,
    tools,
  )
  try {
    if (format === 'parquet') await writeParquet(output, pieces)
    else {
      const file = output === '-' ? tools.output : createWriteStream(output)
      await pipeline(tools.jsonLines(pieces, samplesPerLine), file, { end: output !== '-' })
    }
  } catch (error) {
    const reason = systemCodeOf(error)
    if (reason === undefined) throw error
    throw new PgherdError('DISK_FULL', `${output} could not be written: ${reason}`, { cause: error })
  }
  tools.complain(`exported ${total.samples} samples of ${total.series} series`)
  const { corruptions } = store.stats()
  if (corruptions > 0) tools.complain(`${corruptions} files or records are damaged: see store verify`)
}

/** Opened as a collector opens it, which locks it and replays its logs; nothing is sealed or removed. */
async function openStore(directory: string, clock: Clock): Promise<EmbeddedStore> {
  try {
    return await openEmbeddedStore({
      directory,
      retentionMs: Number.MAX_SAFE_INTEGER,
      maintainEveryMs: 0,
      clock,
      log: silentLog,
    })
  } catch (error) {
    if (!(error instanceof PgherdError) || error.code !== 'DIRECTORY_LOCKED') throw error
    throw new PgherdError(
      'DIRECTORY_LOCKED',
      `${error.message}: export a snapshot of it (GET /api/v1/admin/tsdb/snapshot), or ask the collector (/api/v1/export)`,
      { cause: error },
    )
  }
}

async function* counted(
  pieces: AsyncIterable<SeriesSamples>,
  total: { series: number; samples: number },
  { clock, complain }: ExportTools,
): AsyncGenerator<SeriesSamples> {
  let nextMs = clock.monotonic() + progressEveryMs
  let last = ''
  for await (const piece of pieces) {
    const key = piece.labels.join('\u0000')
    if (key !== last) total.series++
    last = key
    total.samples += piece.timestamps.length
    yield piece
    if (clock.monotonic() < nextMs) continue
    complain(`${total.samples} samples of ${total.series} series so far`)
    nextMs = clock.monotonic() + progressEveryMs
  }
}
