import { constants, createZstdCompress } from 'node:zlib'

/** Compresses one piece of data after the other in the thread pool, each to a frame of zstd of its own. */
export interface FrameCompressor extends Disposable {
  /** One at a time, and `bytes` must stay as they are until then. @returns the frame in pieces */
  compress(bytes: Uint8Array): Promise<readonly Uint8Array[]>
}

/** A few pages share the memory that they are compressed into. */
const chunkSize = 64 * 1024

/**
 * Keeps one context of zstd. zlib's functions for whole buffers make a new one for every call, which stays until its
 * wrapper is collected as garbage, and as they do not tell zstd how much will come, it is made for two megabytes.
 * @param level zstd's
 */
export function createFrameCompressor(level: number): FrameCompressor {
  const stream = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: level },
    // Of every write: zstd sees the data and its end at once.
    flush: constants.ZSTD_e_end,
    chunkSize,
  })
  let pieces: Uint8Array[] = []
  stream.on('data', (piece: Uint8Array) => pieces.push(piece))
  // The callback of the write gets it as well.
  stream.on('error', () => undefined)
  return {
    compress: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => {
          const frame = pieces
          pieces = []
          if (error == null) resolve(frame)
          else reject(error)
        })
      }),
    [Symbol.dispose]() {
      stream.destroy()
    },
  }
}
