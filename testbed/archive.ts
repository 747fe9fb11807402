import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { z } from 'zod'

/*
 * Small files of a release that tests keep, as one: u32 length of a JSON list of paths and lengths, that list, and the files
 * one after the other, compressed by brotli.
 */
const list = z.array(z.object({ path: z.string(), bytes: z.int().min(0) }))

/** @param paths files and folders below `root` */
export function pack(root: string, paths: readonly string[]): Buffer {
  const files = paths.flatMap((path) => filesIn(root, path)).sort()
  const contents = files.map((path) => readFileSync(join(root, path)))
  const head = Buffer.from(JSON.stringify(files.map((path, i) => ({ path, bytes: contents[i]!.length }))))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  const all = Buffer.concat([length, head, ...contents])
  return brotliCompressSync(all, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: all.length,
    },
  })
}

/** Writes what is packed in a file below `into`, for its owner only. */
export function unpack(archive: string, into: string): void {
  const all = brotliDecompressSync(readFileSync(archive))
  const head = all.readUInt32LE(0)
  let at = 4 + head
  for (const { path, bytes } of list.parse(JSON.parse(all.toString('utf8', 4, at)))) {
    const target = join(into, path)
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
    writeFileSync(target, all.subarray(at, at + bytes), { mode: 0o600 })
    at += bytes
  }
}

function filesIn(root: string, path: string): readonly string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path]
  return readdirSync(join(root, path)).flatMap((name) => filesIn(root, join(path, name)))
}
