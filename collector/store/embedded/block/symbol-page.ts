import { readString, readVarint } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'

/** Symbols `first`, `first` + 1, ... of a block, in the order of their texts. */
export interface SymbolPage {
  readonly first: number
  readonly texts: readonly string[]
  /** Memory, for limits. */
  readonly bytes: number
}

/** A count and that many texts. */
export function decodeSymbolPage(raw: Uint8Array, first: number): SymbolPage {
  const from: ByteBuffer = { bytes: raw, at: 0 }
  const texts = Array.from({ length: readVarint(from) }, () => readString(from))
  return { first, texts, bytes: raw.length * 2 + texts.length * 32 }
}

/** The symbol of a text in the page; -1 when it is not there. */
export function symbolIn(page: SymbolPage, text: string): number {
  let low = 0
  let high = page.texts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (page.texts[middle]! < text) low = middle + 1
    else high = middle
  }
  return page.texts[low] === text ? page.first + low : -1
}
