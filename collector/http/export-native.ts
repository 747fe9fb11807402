import type { SeriesSamples } from '../../common/series/samples.ts'
import { encodeNativeHead, encodeNativeSeries } from '../../common/wire/native/stream.ts'

/** Pieces of series in VictoriaMetrics' native format, several small ones to a chunk. */
export async function* nativeBlocks(
  pieces: AsyncIterable<SeriesSamples>,
  fromMs: number,
  toMs: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let waiting = [encodeNativeHead(fromMs, toMs)]
  let bytes = 0
  for await (const piece of pieces) {
    for (const block of encodeNativeSeries(piece)) {
      waiting.push(block)
      bytes += block.length
      if (bytes < chunkBytes) continue
      yield Buffer.concat(waiting)
      waiting = []
      bytes = 0
    }
  }
  if (waiting.length > 0) yield Buffer.concat(waiting)
}

const chunkBytes = 64 * 1024
