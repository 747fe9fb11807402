import { open, rename, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { systemCodeOf } from '../errors.ts'
import { isDiskFull, syncDirectory, systemFiles } from './file-operations.ts'

/** A place between records: everything before `offset` of segment `sequence`. */
export interface Position {
  readonly sequence: number
  readonly offset: number
  /** Records before `offset` in that segment. */
  readonly index: number
}

/** Records that a destination has not acknowledged: from `from` up to `to`, or up to the newest without it. */
export interface Span {
  readonly from: Position
  readonly to: Position | undefined
}

export interface PositionFile extends AsyncDisposable {
  /** What was stored last, in order and only the last without end. */
  readonly stored: readonly Span[]
  /** At most `maxSpans`. */
  store(spans: readonly Span[]): Promise<void>
}

/**
 * Version 2, little-endian:
 *   header  "PGHPOSIT", u32 version, zeros up to 1024
 *   slot    u32 CRC-32 of the rest, u32 number of spans, f64 generation, and per span six f64: sequence, offset and
 *           index of its beginning and of its end; an end of zeros means none. Two slots of 1024 bytes.
 * Version 1 was two slots of 40 bytes without a header: CRC-32, f64 generation, and one position.
 */
const magic = Buffer.from('PGHPOSIT', 'latin1')
const version = 2
const slotBytes = 1024
const slotHeaderBytes = 16
const spanBytes = 48
const oldSlotBytes = 40
const suffix = '.position'

/** As many as fit a slot with room to spare. */
export const maxSpans = 16

/** File names of positions carry the destination's name; any character that could leave the directory is encoded. */
export function positionFileName(name: string): string {
  return `${encodeURIComponent(name).replaceAll('.', '%2E')}${suffix}`
}

export function isPositionFile(fileName: string): boolean {
  return fileName.endsWith(suffix)
}

/**
 * Two slots, written in turn, each with a generation and a checksum: a torn write damages one and the other
 * still says where the destination was one acknowledgement earlier. Not synced: after a power cut a position
 * may be a little old, then records are sent twice, which the store recognises.
 * @param start where a destination begins that has no file yet, and one whose file is `damaged`
 */
export async function openPositionFile(
  directory: string,
  name: string,
  start: { readonly fresh: Position; readonly damaged: Position },
): Promise<PositionFile> {
  const path = join(directory, positionFileName(name))
  let file = await open(path, 'r+').catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  })
  const from = file === undefined ? start.fresh : start.damaged
  const bytes = Buffer.alloc(slotBytes * 3)
  await file?.read(bytes, 0, bytes.length, 0)
  const current = bytes.subarray(0, magic.length).equals(magic) && bytes.readUInt32LE(8) === version
  const slots = current
    ? [decodeSlot(bytes.subarray(slotBytes, slotBytes * 2)), decodeSlot(bytes.subarray(slotBytes * 2))]
    : [decodeOldSlot(bytes), decodeOldSlot(bytes.subarray(oldSlotBytes))]
  let newest: Slot | undefined
  for (const slot of slots) {
    if (slot !== undefined && (newest === undefined || slot.generation > newest.generation)) newest = slot
  }
  const known = newest ?? { generation: 1, spans: [{ from, to: undefined }] }
  let { generation } = known
  if (!current || newest === undefined) {
    await file?.close()
    file = await createPositionFile(directory, name, known).catch((error: unknown) => {
      // It is made when there is room again. Until then a restart begins where this one did.
      if (isDiskFull(error)) return undefined
      throw error
    })
  }
  return {
    stored: known.spans,
    async store(spans) {
      generation++
      if (file === undefined) {
        file = await createPositionFile(directory, name, { generation, spans })
        return
      }
      const slot = encodeSlot({ generation, spans })
      await file.write(slot, 0, slot.length, slotStart(generation))
    },
    async [Symbol.asyncDispose]() {
      await file?.close()
    },
  }
}

/** Complete under another name first: a crash on the way leaves the old file as it was. */
async function createPositionFile(directory: string, name: string, content: Slot): Promise<FileHandle> {
  // No destination's file is called that: dots are encoded in theirs.
  const temporary = join(directory, `new.${positionFileName(name)}`)
  const file = await open(temporary, 'w+', 0o600)
  try {
    const header = Buffer.alloc(slotBytes * 3)
    magic.copy(header)
    header.writeUInt32LE(version, 8)
    encodeSlot(content).copy(header, slotStart(content.generation))
    await systemFiles.write(file, header, 0)
    await file.sync()
    await rename(temporary, join(directory, positionFileName(name)))
    await syncDirectory(directory)
    return file
  } catch (error) {
    await file.close()
    await unlink(temporary).catch(() => undefined)
    throw error
  }
}

interface Slot {
  readonly generation: number
  readonly spans: readonly Span[]
}

function slotStart(generation: number): number {
  return slotBytes * (1 + (generation % 2))
}

function encodeSlot({ generation, spans }: Slot): Buffer {
  const slot = Buffer.alloc(slotHeaderBytes + spans.length * spanBytes)
  slot.writeUInt32LE(spans.length, 4)
  slot.writeDoubleLE(generation, 8)
  for (const [i, { from, to }] of spans.entries()) {
    const at = slotHeaderBytes + i * spanBytes
    writePosition(slot, at, from)
    writePosition(slot, at + spanBytes / 2, to ?? { sequence: 0, offset: 0, index: 0 })
  }
  slot.writeUInt32LE(crc32(slot.subarray(4)), 0)
  return slot
}

function decodeSlot(slot: Buffer): Slot | undefined {
  const count = slot.readUInt32LE(4)
  if (count === 0 || count > maxSpans) return undefined
  const used = slot.subarray(0, slotHeaderBytes + count * spanBytes)
  if (used.readUInt32LE(0) !== crc32(used.subarray(4))) return undefined
  const spans = Array.from({ length: count }, (_, i): Span => {
    const at = slotHeaderBytes + i * spanBytes
    const to = readPosition(used, at + spanBytes / 2)
    return { from: readPosition(used, at), to: to.offset === 0 ? undefined : to }
  })
  return { generation: used.readDoubleLE(8), spans }
}

function decodeOldSlot(bytes: Buffer): Slot | undefined {
  const slot = bytes.subarray(0, oldSlotBytes)
  // A slot of zeros has never been written; its checksum of zero would not hold either.
  if (slot.readUInt32LE(0) !== crc32(slot.subarray(4))) return undefined
  return { generation: slot.readDoubleLE(4), spans: [{ from: readPosition(slot, 12), to: undefined }] }
}

function writePosition(bytes: Buffer, at: number, position: Position): void {
  bytes.writeDoubleLE(position.sequence, at)
  bytes.writeDoubleLE(position.offset, at + 8)
  bytes.writeDoubleLE(position.index, at + 16)
}

function readPosition(bytes: Buffer, at: number): Position {
  return {
    sequence: bytes.readDoubleLE(at),
    offset: bytes.readDoubleLE(at + 8),
    index: bytes.readDoubleLE(at + 16),
  }
}
