import { unsynchronizedLeap, unsynchronizedStratum } from './clock-state.ts'
import type { ClockState } from './clock-state.ts'

/**
 * NTP control messages, mode 6, as ntpq sends them to ntpd and ntpsec. Format: RFC 9327; the names of the variables
 * and their units are those of ntpq(1).
 */
const controlMode = 6
const version = 2
const readVariables = 2
const headerBytes = 12
const responseBit = 0x80
const moreBit = 0x20
/** Answers come in parts of 468 bytes; ours has less than one. */
const maxTextBytes = 4096

const variables = 'leap,stratum,rootdelay,rootdisp,refid,offset,frequency,clk_jitter'

export function encodeReadVariables(sequence: number): Buffer {
  const data = Buffer.from(variables)
  const padded = Math.ceil(data.length / 4) * 4
  const request = Buffer.alloc(headerBytes + padded)
  request[0] = (version << 3) | controlMode
  request[1] = readVariables
  request.writeUInt16BE(sequence, 2)
  request.writeUInt16BE(data.length, 10)
  data.copy(request, headerBytes)
  return request
}

/**
 * Puts an answer together that may come in parts and out of order.
 * @returns a function for each datagram, which gives the state when nothing is missing; what is not part of the
 * answer to this request is ignored
 */
export function createVariablesDecoder(sequence: number): (bytes: Buffer) => ClockState | undefined {
  const parts = new Map<number, string>()
  let totalBytes: number | undefined
  return (bytes) => {
    if (bytes.length < headerBytes || (bytes[0]! & 0x07) !== controlMode) return undefined
    const operation = bytes[1]!
    if ((operation & ~moreBit) !== (responseBit | readVariables)) return undefined
    if (bytes.readUInt16BE(2) !== sequence || bytes.readUInt16BE(6) !== 0) return undefined
    const offset = bytes.readUInt16BE(8)
    const count = bytes.readUInt16BE(10)
    if (count > bytes.length - headerBytes || offset + count > maxTextBytes) return undefined
    parts.set(offset, bytes.toString('latin1', headerBytes, headerBytes + count))
    if ((operation & moreBit) === 0) totalBytes = offset + count
    let text = ''
    for (let part = parts.get(0); part !== undefined && part !== ''; part = parts.get(text.length))
      text += part
    return text.length === totalBytes ? stateOf(text) : undefined
  }
}

function stateOf(text: string): ClockState | undefined {
  const values = new Map<string, string>()
  for (const item of text.split(',')) {
    const match = /^\s*(\w+)=\s*"?([^"]*?)"?\s*$/.exec(item)
    if (match !== null) values.set(match[1]!, match[2]!)
  }
  const number = (name: string): number | undefined => {
    const value = values.get(name)
    return value !== undefined && /^[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i.test(value)
      ? Number(value)
      : undefined
  }
  const seconds = (name: string): number | undefined => {
    const milliseconds = number(name)
    return milliseconds === undefined ? undefined : milliseconds / 1000
  }
  const leap = number('leap')
  const stratum = number('stratum')
  if (!isWhole(leap, unsynchronizedLeap) || !isWhole(stratum, 255)) return undefined
  const rootDelay = seconds('rootdelay')
  const rootDispersion = seconds('rootdisp')
  const frequencyPpm = number('frequency')
  return {
    daemon: 'ntpd',
    reference: (values.get('refid') ?? '').replaceAll(/[^\x21-\x7e]/g, '').slice(0, 64),
    isSynchronized: leap !== unsynchronizedLeap,
    offset: seconds('offset'),
    // What ntpd itself tells the kernel as the two errors (ntp_loopfilter.c).
    estimatedError: seconds('clk_jitter'),
    maxError:
      rootDelay === undefined || rootDispersion === undefined ? undefined : rootDelay / 2 + rootDispersion,
    frequencyAdjustment: frequencyPpm === undefined ? undefined : frequencyPpm / 1e6,
    stratum: stratum === 0 ? unsynchronizedStratum : stratum,
    leap,
    rootDelay,
    rootDispersion,
  }
}

function isWhole(value: number | undefined, largest: number): value is number {
  return Number.isInteger(value) && value! >= 0 && value! <= largest
}
