import { PgherdError } from '../../../common/errors.ts'
import { joinSamples } from '../../../common/series/join-samples.ts'
import { labelKey } from '../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import type { SelectLimits } from '../../../common/series/select-limits.ts'

/** A time and a value. */
const sampleBytes = 16

/**
 * Whole series from their pieces, which do not overlap.
 * @throws PgherdError QUERY_LIMIT
 */
export async function joinPieces(
  pieces: AsyncIterable<SeriesSamples>,
  { maxSeries = Infinity, maxSamples = Infinity, reserve }: SelectLimits,
): Promise<SeriesSamples[]> {
  const byKey = new Map<string, SeriesSamples[]>()
  let samples = 0
  for await (const piece of pieces) {
    samples += piece.timestamps.length
    if (samples > maxSamples) {
      throw new PgherdError('QUERY_LIMIT', `the selection has more than ${maxSamples} samples`)
    }
    reserve?.(piece.timestamps.length * sampleBytes)
    const key = labelKey(piece.labels)
    const others = byKey.get(key)
    if (others !== undefined) others.push(piece)
    else byKey.set(key, [piece])
    if (byKey.size > maxSeries) {
      throw new PgherdError('QUERY_LIMIT', `the selection has more than ${maxSeries} series`)
    }
  }
  return [...byKey.values()].map(joinSamples)
}
