import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { matcherOperators } from '../../../../common/series/matcher.ts'
import type { Matcher } from '../../../../common/series/matcher.ts'
import { createByteBuffer, putBytes } from '../bytes.ts'
import { beginFrame, endFrame, frameHeaderBytes, readFrameHeader } from '../log/frame.ts'

/**
 * One deletion: the series that any of the selectors matches are gone from the named files, and from no others. What
 * was written afterwards is in files of a later generation, so that it is not touched.
 */
export interface Tombstone {
  readonly path: string
  readonly createdMs: number
  /** Names of logs and blocks without their folder. */
  readonly files: ReadonlySet<string>
  readonly selectors: readonly (readonly Matcher[])[]
}

/** First bytes of every tombstone; the last two are the format's version. */
const tombstoneMagic = Uint8Array.of(0x50, 0x47, 0x48, 0x44, 0x45, 0x4c, 1, 0) // PGHDEL, version 1
const deletionType = 1

const content = z.object({
  createdMs: z.number(),
  files: z.array(z.string()),
  selectors: z.array(
    z.array(z.object({ name: z.string(), operator: z.enum(matcherOperators), value: z.string() })),
  ),
})

/** The magic and one frame as in a log, whose payload is JSON. */
export function encodeTombstone({ createdMs, files, selectors }: Omit<Tombstone, 'path'>): Uint8Array {
  const out = createByteBuffer(4096)
  putBytes(out, tombstoneMagic)
  const start = beginFrame(out)
  putBytes(out, Buffer.from(JSON.stringify({ createdMs, files: [...files], selectors })))
  endFrame(out, start, deletionType)
  return out.bytes.subarray(0, out.at)
}

/** Undefined when the bytes are not a whole tombstone of a known version. */
export function decodeTombstone(path: string, bytes: Buffer): Tombstone | undefined {
  const start = tombstoneMagic.length + frameHeaderBytes
  if (bytes.length < start || tombstoneMagic.some((byte, i) => bytes[i] !== byte)) return undefined
  const header = readFrameHeader(bytes, tombstoneMagic.length)
  if (header.kind !== 'frame' || header.type !== deletionType) return undefined
  const payload = bytes.subarray(start, start + header.length)
  if (payload.length !== header.length || crc32(payload) !== header.crc) return undefined
  const { createdMs, files, selectors } = content.parse(JSON.parse(payload.toString()))
  return { path, createdMs, files: new Set(files), selectors }
}
