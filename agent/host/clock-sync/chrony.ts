import { referenceText, unsynchronizedLeap, unsynchronizedStratum } from './clock-state.ts'
import type { ClockState } from './clock-state.ts'

/**
 * chronyd's command protocol, as far as it is needed for what `chronyc tracking` shows; this request has been open to
 * everybody on the machine in all of version 6. Layout: candm.h of chrony; numbers are big-endian.
 */
const protocolVersion = 6
const requestType = 1
const replyType = 2
const trackingRequest = 33
const trackingReply = 5
const success = 0

const replyHeaderBytes = 28
const replyBytes = replyHeaderBytes + 76

/** A request is as long as its reply, because chronyd answers no shorter one: it must not serve to amplify. */
export function encodeTrackingRequest(sequence: number): Buffer {
  const request = Buffer.alloc(replyBytes)
  request[0] = protocolVersion
  request[1] = requestType
  request.writeUInt16BE(trackingRequest, 4)
  request.writeUInt32BE(sequence, 8)
  return request
}

/** @returns undefined for anything that is not a reply to this request, or says that it was refused */
export function decodeTrackingReply(bytes: Buffer, sequence: number): ClockState | undefined {
  const isReply =
    bytes.length >= replyBytes &&
    bytes[0] === protocolVersion &&
    bytes[1] === replyType &&
    bytes.readUInt16BE(4) === trackingRequest &&
    bytes.readUInt16BE(6) === trackingReply &&
    bytes.readUInt16BE(8) === success &&
    bytes.readUInt32BE(16) === sequence
  if (!isReply) return undefined
  const at = replyHeaderBytes
  const stratum = bytes.readUInt16BE(at + 24)
  const leap = bytes.readUInt16BE(at + 26)
  if (leap > unsynchronizedLeap || stratum > unsynchronizedStratum) return undefined
  const [correction, , rmsOffset, frequencyPpm, , , rootDelay, rootDispersion] = Array.from(
    { length: 8 },
    (_, i) => readFloat(bytes, at + 40 + 4 * i),
  )
  return {
    daemon: 'chronyd',
    reference: referenceOf(bytes, at, stratum),
    isSynchronized: leap !== unsynchronizedLeap,
    offset: correction!,
    estimatedError: rmsOffset!,
    // The bound that chronyc(1) gives under "Root dispersion".
    maxError: Math.abs(correction!) + rootDispersion! + rootDelay! / 2,
    // It tells how much the clock would gain on its own, and corrects the opposite.
    frequencyAdjustment: (0 - frequencyPpm!) / 1e6,
    stratum: stratum === 0 ? unsynchronizedStratum : stratum,
    leap,
    rootDelay: rootDelay!,
    rootDispersion: rootDispersion!,
  }
}

/** The address of the selected server; a reference clock has none, only its identifier. */
function referenceOf(bytes: Buffer, at: number, stratum: number): string {
  const family = bytes.readUInt16BE(at + 20)
  if (family === 1) return Array.from(bytes.subarray(at + 4, at + 8)).join('.')
  if (family === 2) {
    const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 4 + 2 * i).toString(16))
    return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
  }
  return referenceText(bytes.readUInt32BE(at), stratum)
}

/** chrony's floating point: seven bits of signed exponent, 25 bits of signed coefficient, as candm.h describes it. */
function readFloat(bytes: Buffer, at: number): number {
  const word = bytes.readInt32BE(at)
  const exponent = word >> 25
  const coefficient = (word << 7) >> 7
  return coefficient * 2 ** (exponent - 25)
}
