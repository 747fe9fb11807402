import { crc32 } from 'node:zlib'
import { nodeDisk, whenUnreadable } from '../disk.ts'
import type { Disk, DiskFile } from '../disk.ts'
import { createSymbols } from '../index/symbols.ts'
import { createSampleBuffer } from '../sample-buffer.ts'
import { createByteSymbols } from './byte-symbols.ts'
import type { ByteSymbols } from './byte-symbols.ts'
import { frameHeaderBytes, maxPayloadBytes, readFrameHeader } from './frame.ts'
import { logMagic } from './log-file.ts'
import { readIdentity, readSamples, recordTypes } from './records.ts'
import type { LogIdentity, SlotSamples } from './records.ts'
import { createSeriesReader } from './series-reader.ts'
import type { SeriesReader } from './series-reader.ts'

/** Takes what a log holds, in its order. */
export interface ReplaySink {
  found(identity: LogIdentity): void
  /** `length` symbols: name, value, name, value, ...; the array is reused. */
  series(slot: number, symbols: Uint32Array, length: number): void
  samples(samples: SlotSamples): void
}

export interface ReplayResult {
  /** The file is good up to here: a later append belongs there, what follows is a torn write. */
  readonly goodBytes: number
  /** Records whose checksum failed, or the unreadable rest of the file. Torn writes do not count. */
  readonly damaged: number
}

/** Most logs of a fresh start are small; one that is not is read in large pieces after the first. */
const firstReadBytes = 64 << 10
const readBytes = 4 << 20

/**
 * Reads a log from its start. A record cut short by the end of the file is the trace of a crash and ends the
 * replay; a record with a bad checksum is skipped; after a bad record header, or where the disk cannot be read,
 * nothing can be found any more.
 */
export async function replayLog(
  path: string,
  sink: ReplaySink,
  symbolFor: ByteSymbols = createByteSymbols(createSymbols()),
  disk: Disk = nodeDisk,
): Promise<ReplayResult> {
  await using file = await disk.open(path, 'r')
  const reader: Reader = { file, buffer: Buffer.allocUnsafeSlow(firstReadBytes), at: 0, end: 0, position: 0 }
  let goodBytes = 0
  let damaged = 0
  const scratch: SlotSamples = { slots: new Uint32Array(0), samples: createSampleBuffer(1024) }
  const readSeries = createSeriesReader(symbolFor)
  // Without waiting where it is in memory: a log may have a million small records.
  const isHere = (count: number): boolean => reader.end - reader.at >= count
  const has = async (count: number): Promise<boolean> => {
    const enough = await whenUnreadable(() => want(reader, count), undefined)
    if (enough === undefined) damaged++
    return enough === true
  }
  if (!(await has(logMagic.length))) return { goodBytes, damaged }
  if (logMagic.some((byte, i) => reader.buffer[i] !== byte)) return { goodBytes: 0, damaged: 1 }
  goodBytes = reader.at = logMagic.length
  while (isHere(frameHeaderBytes) || (await has(frameHeaderBytes))) {
    const header = readFrameHeader(reader.buffer, reader.at)
    if (header.kind === 'end') break
    if (header.kind === 'damaged') {
      damaged++
      break
    }
    const whole = frameHeaderBytes + header.length
    if (!isHere(whole) && !(await has(whole))) break
    const start = reader.at + frameHeaderBytes
    reader.at = start + header.length
    goodBytes += frameHeaderBytes + header.length
    const payload = reader.buffer.subarray(start, reader.at)
    if (crc32(payload) === header.crc) deliver(sink, header.type, payload, scratch, readSeries)
    else damaged++
  }
  return { goodBytes, damaged }
}

function deliver(
  sink: ReplaySink,
  type: number,
  payload: Uint8Array,
  scratch: SlotSamples,
  readSeries: SeriesReader,
): void {
  const from = { bytes: payload, at: 0 }
  if (type === recordTypes.samples) {
    scratch.samples.count = 0
    readSamples(from, scratch)
    sink.samples(scratch)
  } else if (type === recordTypes.series) {
    const { slot, symbols, length } = readSeries(from)
    sink.series(slot, symbols, length)
  } else if (type === recordTypes.identity) {
    sink.found(readIdentity(from))
  }
}

interface Reader {
  readonly file: DiskFile
  buffer: Buffer
  at: number
  end: number
  /** Where in the file the next read begins. */
  position: number
}

/** Makes `count` bytes available from `at` on; false when the file ends before. */
async function want(reader: Reader, count: number): Promise<boolean> {
  if (reader.end - reader.at >= count) return true
  if (reader.position >= firstReadBytes && reader.buffer.length === firstReadBytes) {
    const large = Buffer.allocUnsafeSlow(readBytes + frameHeaderBytes + maxPayloadBytes)
    reader.buffer.copy(large, 0, reader.at, reader.end)
    reader.buffer = large
  } else reader.buffer.copyWithin(0, reader.at, reader.end)
  reader.end -= reader.at
  reader.at = 0
  while (reader.end < count) {
    const room = Math.min(readBytes, reader.buffer.length - reader.end)
    const { bytesRead } = await reader.file.read(reader.buffer, reader.end, room, reader.position)
    if (bytesRead === 0) return false
    reader.end += bytesRead
    reader.position += bytesRead
  }
  return true
}
