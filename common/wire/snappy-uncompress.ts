import { PgherdError } from '../errors.ts'

/**
 * Decodes one snappy block (google/snappy, format_description.txt). Our own, because this runs on bytes from
 * the network: every length is checked before it is believed, so a hostile block can neither allocate more
 * than `maxBytes`, nor loop, nor yield other than exactly the bytes it declared.
 * @param reuse memory to decode into when it is large enough; the answer is then a view of it
 * @throws PgherdError REQUEST_TOO_LARGE when the declared length exceeds `maxBytes`, BAD_DATA when damaged
 */
export function uncompressSnappy(
  block: Uint8Array,
  maxBytes: number,
  reuse: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const end = block.length
  let at = 0
  let declared = 0
  for (let scale = 1; ; scale *= 128) {
    if (at >= end || at === 5) throw damaged('its length is malformed')
    const byte = block[at++]!
    declared += (byte & 0x7f) * scale
    if (byte < 0x80) break
  }
  if (declared > maxBytes) {
    throw new PgherdError(
      'REQUEST_TOO_LARGE',
      `the body expands to ${declared} bytes; at most ${maxBytes} are accepted`,
    )
  }
  // No byte of a block yields more than 64: a longer claim cannot come true, so nothing is allocated for it.
  if (declared > (end - at) * 64) throw damaged('it is shorter than its length says')

  const out = reuse.length >= declared ? reuse.subarray(0, declared) : new Uint8Array(declared)
  const words = new DataView(out.buffer, out.byteOffset, out.length)
  let filled = 0
  while (at < end) {
    const tag = block[at++]!
    let length: number
    if ((tag & 3) === 0) {
      length = tag >>> 2
      if (length >= 60) {
        const lengthBytes = length - 59
        if (at + lengthBytes > end) throw damaged('it ends inside a length')
        length = littleEndian(block, at, lengthBytes)
        at += lengthBytes
      }
      length++
      if (length > end - at) throw damaged('it ends inside a literal')
      if (length > declared - filled) throw damaged('it is longer than its length says')
      if (length < 24) for (let i = 0; i < length; i++) out[filled + i] = block[at + i]!
      else out.set(block.subarray(at, at + length), filled)
      at += length
      filled += length
      continue
    }
    let offset: number
    if ((tag & 3) === 1) {
      if (at >= end) throw damaged('it ends inside a copy')
      length = ((tag >>> 2) & 7) + 4
      offset = ((tag >>> 5) << 8) | block[at++]!
    } else {
      const offsetBytes = (tag & 3) === 2 ? 2 : 4
      if (at + offsetBytes > end) throw damaged('it ends inside a copy')
      length = (tag >>> 2) + 1
      offset = littleEndian(block, at, offsetBytes)
      at += offsetBytes
    }
    if (offset === 0 || offset > filled) throw damaged('a copy points before its start')
    if (length > declared - filled) throw damaged('it is longer than its length says')
    const stop = filled + length
    // A copy may overlap itself, that is how snappy repeats a pattern; whole words at a time if it is not closer.
    if (offset >= 8) {
      for (const lastWord = stop - 8; filled <= lastWord; filled += 8) {
        words.setBigInt64(filled, words.getBigInt64(filled - offset, true), true)
      }
    }
    if (offset >= 4) {
      for (const lastWord = stop - 4; filled <= lastWord; filled += 4) {
        words.setInt32(filled, words.getInt32(filled - offset, true), true)
      }
    }
    for (; filled < stop; filled++) out[filled] = out[filled - offset]!
  }
  if (filled !== declared) throw damaged('it is shorter than its length says')
  return out
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = count - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!
  return value
}

function damaged(what: string): PgherdError {
  return new PgherdError('BAD_DATA', `the body is not a snappy block: ${what}`)
}
