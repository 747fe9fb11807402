import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeTrackingReply, encodeTrackingRequest } from '../../../../agent/host/clock-sync/chrony.ts'
import { chronyTracking } from './recorded.ts'

function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(chronyTracking)
  change(bytes)
  return bytes
}

test('a reply says what chronyc showed of the same chronyd', () => {
  expect(decodeTrackingReply(chronyTracking, 7)).toEqual({
    daemon: 'chronyd',
    reference: '127.0.0.1',
    isSynchronized: true,
    offset: expect.closeTo(0.250036, 6) as number,
    estimatedError: expect.closeTo(4.5e-7, 8) as number,
    maxError: expect.closeTo(0.250036 + 0.031263 + 0.062642 / 2, 5) as number,
    frequencyAdjustment: expect.closeTo(-5.225e-6, 9) as number,
    stratum: 3,
    leap: 0,
    rootDelay: expect.closeTo(0.062642, 6) as number,
    rootDispersion: expect.closeTo(0.031263, 6) as number,
  })
})

test('a request is as long as its reply, because chronyd answers no shorter one', () => {
  expect(encodeTrackingRequest(1)).toHaveLength(chronyTracking.length)
})

test('an IPv6 server and a reference clock are named', () => {
  const address = Buffer.from('20010db8000000000000000000000123', 'hex')
  const ipv6 = changed((bytes) => {
    bytes.writeUInt16BE(2, 48)
    address.copy(bytes, 32)
  })
  expect(decodeTrackingReply(ipv6, 7)?.reference).toBe('2001:db8::123')
  const clock = changed((bytes) => {
    bytes.writeUInt16BE(0, 48)
    bytes.writeUInt16BE(1, 52)
    bytes.write('PPS\0', 28, 'latin1')
  })
  expect(decodeTrackingReply(clock, 7)?.reference).toBe('PPS')
})

describe('what is no reply to the request is ignored', () => {
  test.each([
    ['another sequence number', changed((bytes) => bytes.writeUInt32BE(8, 16))],
    ['another version', changed((bytes) => bytes.writeUInt8(5, 0))],
    ['a request', changed((bytes) => bytes.writeUInt8(1, 1))],
    ['another command', changed((bytes) => bytes.writeUInt16BE(34, 4))],
    ['another reply', changed((bytes) => bytes.writeUInt16BE(6, 6))],
    ['a refusal', changed((bytes) => bytes.writeUInt16BE(2, 8))],
    ['a leap that does not exist', changed((bytes) => bytes.writeUInt16BE(4, 54))],
    ['nothing', Buffer.alloc(0)],
  ])('%s', (_, bytes) => {
    expect(decodeTrackingReply(bytes, 7)).toBeUndefined()
  })

  test('and so is any beginning of one', () => {
    for (let length = 0; length < chronyTracking.length; length++) {
      expect(decodeTrackingReply(chronyTracking.subarray(0, length), 7)).toBeUndefined()
    }
  })

  test('arbitrary numbers are finite and arbitrary bytes do no harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 48, maxLength: 48 }), (floats) => {
        const state = decodeTrackingReply(
          changed((bytes) => Buffer.from(floats).copy(bytes, 56)),
          7,
        )
        for (const value of Object.values(state ?? {})) {
          if (typeof value === 'number') expect(value).toSatisfy(Number.isFinite)
        }
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeTrackingReply(Buffer.from(bytes), 7)
      }),
    )
  })
})
