const quote = 0x22
const backslash = 0x5c
const comma = 0x2c

/** The bytes between which each element of a JSON array lies, and where the array ends. */
export interface ArrayElements {
  /** Starts and ends in turn. */
  readonly bounds: readonly number[]
  /** Of the closing bracket. */
  readonly end: number
}

/**
 * Finds the elements of the JSON array whose first byte after the bracket is at `from`, without looking into them: an
 * answer of many megabytes is then parsed in pieces.
 * @returns undefined when the array does not end
 */
export function arrayElements(json: Uint8Array, from: number): ArrayElements | undefined {
  const bounds: number[] = []
  let depth = 0
  let start = from
  for (let at = from; at < json.length; at++) {
    const byte = json[at]!
    if (byte === quote) {
      at = endOfString(json, at)
    } else if (byte === 0x5b || byte === 0x7b) {
      depth++
    } else if (byte === 0x5d || byte === 0x7d) {
      if (depth === 0) {
        if (at > start && !isBlank(json, start, at)) bounds.push(start, at)
        return { bounds, end: at }
      }
      depth--
    } else if (byte === comma && depth === 0) {
      bounds.push(start, at)
      start = at + 1
    }
  }
  return undefined
}

/** The position of the closing quote. */
function endOfString(json: Uint8Array, at: number): number {
  for (at++; at < json.length && json[at] !== quote; at++) if (json[at] === backslash) at++
  return at
}

function isBlank(json: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (json[at]! > 0x20) return false
  return true
}
