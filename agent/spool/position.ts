import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

/** How far one destination has acknowledged: everything before `offset` of segment `sequence`. */
export interface Position {
  readonly sequence: number
  readonly offset: number
  /** Records before `offset` in that segment. */
  readonly index: number
}

export interface PositionFile extends AsyncDisposable {
  /** What was stored last, or undefined for a new destination. */
  readonly stored: Position | undefined
  store(position: Position): Promise<void>
}

const slotBytes = 40
const suffix = '.position'

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
 */
export async function openPositionFile(directory: string, name: string): Promise<PositionFile> {
  const file = await openOrCreate(join(directory, positionFileName(name)))
  const bytes = Buffer.alloc(slotBytes * 2)
  await file.read(bytes, 0, bytes.length, 0)
  const slots = [decodeSlot(bytes.subarray(0, slotBytes)), decodeSlot(bytes.subarray(slotBytes))]
  let newest: Slot | undefined
  for (const slot of slots) {
    if (slot !== undefined && (newest === undefined || slot.generation > newest.generation)) newest = slot
  }
  let generation = newest?.generation ?? 0
  return {
    stored: newest?.position,
    async store(position) {
      generation++
      await file.write(encodeSlot({ generation, position }), 0, slotBytes, (generation % 2) * slotBytes)
    },
    [Symbol.asyncDispose]: () => file.close(),
  }
}

function openOrCreate(path: string): Promise<FileHandle> {
  return open(path, 'r+', 0o600).catch(() => open(path, 'w+', 0o600))
}

interface Slot {
  readonly generation: number
  readonly position: Position
}

function encodeSlot({ generation, position }: Slot): Buffer {
  const slot = Buffer.alloc(slotBytes)
  slot.writeDoubleLE(generation, 4)
  slot.writeDoubleLE(position.sequence, 12)
  slot.writeDoubleLE(position.offset, 20)
  slot.writeDoubleLE(position.index, 28)
  slot.writeUInt32LE(crc32(slot.subarray(4)), 0)
  return slot
}

function decodeSlot(slot: Buffer): Slot | undefined {
  // A slot of zeros has never been written; its checksum of zero would not hold either.
  if (slot.readUInt32LE(0) !== crc32(slot.subarray(4))) return undefined
  return {
    generation: slot.readDoubleLE(4),
    position: {
      sequence: slot.readDoubleLE(12),
      offset: slot.readDoubleLE(20),
      index: slot.readDoubleLE(28),
    },
  }
}
