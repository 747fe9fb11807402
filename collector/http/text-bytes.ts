/** Text as UTF-8 that is put together in memory that is used again and again: the first `at` bytes are text. */
export interface TextBytes {
  bytes: Buffer
  /** The same memory. */
  view: DataView
  at: number
}

export function createTextBytes(capacity: number): TextBytes {
  const bytes = Buffer.allocUnsafeSlow(capacity)
  return { bytes, view: viewOf(bytes), at: 0 }
}

/** Makes room for `extra` more bytes; `bytes` and `view` may be others afterwards. */
export function reserveText(to: TextBytes, extra: number): void {
  const needed = to.at + extra
  if (needed <= to.bytes.length) return
  const grown = Buffer.allocUnsafeSlow(Math.max(needed, to.bytes.length * 2))
  grown.set(to.bytes.subarray(0, to.at))
  to.bytes = grown
  to.view = viewOf(grown)
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

/** Most bytes of UTF-8 that one unit of a JavaScript string takes. */
const bytesPerUnit = 3

export function putText(to: TextBytes, text: string): void {
  reserveText(to, text.length * bytesPerUnit)
  to.at += to.bytes.write(text, to.at, 'utf8')
}

/**
 * Puts a short text of ASCII, for which there is room.
 * @returns where it ends
 */
export function putAscii(to: DataView, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) to.setUint8(at + i, text.charCodeAt(i))
  return at + text.length
}

/** A copy of the text, of which nothing is left then. */
export function takeText(from: TextBytes): Buffer {
  const taken = Buffer.allocUnsafeSlow(from.at)
  from.bytes.copy(taken, 0, 0, from.at)
  from.at = 0
  return taken
}
