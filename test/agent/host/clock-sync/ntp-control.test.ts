import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ClockState } from '../../../../agent/host/clock-sync/clock-state.ts'
import { createVariablesDecoder, encodeReadVariables } from '../../../../agent/host/clock-sync/ntp-control.ts'
import { ntpVariables, ntpVariablesUnsynchronized } from './recorded.ts'

/** What the datagrams say in their order. */
function decode(...datagrams: readonly Buffer[]): ClockState | undefined {
  const decoder = createVariablesDecoder(7)
  let state: ClockState | undefined
  for (const datagram of datagrams) state ??= decoder(datagram)
  return state
}

/** An answer with this text, from `offset` on. */
function answer(text: string, { offset = 0, isLast = true, sequence = 7 } = {}): Buffer {
  const head = Buffer.from([0x16, isLast ? 0x82 : 0xa2, 0, sequence, 0, 0, 0, 0, 0, offset, 0, text.length])
  return Buffer.concat([head, Buffer.from(text, 'latin1')])
}

test('what ntpsec answers is a state in seconds', () => {
  expect(decode(ntpVariables)).toEqual({
    daemon: 'ntpd',
    reference: '10.77.1.2',
    isSynchronized: true,
    offset: 0.025061746,
    estimatedError: 0.008288398,
    maxError: 1 + 0.062744 / 2,
    frequencyAdjustment: 0,
    stratum: 3,
    leap: 0,
    rootDelay: 0.062744,
    rootDispersion: 1,
  })
  expect(decode(ntpVariablesUnsynchronized)).toMatchObject({ isSynchronized: false, stratum: 16, leap: 3 })
})

test('a request names the variables and is padded to whole words', () => {
  const request = encodeReadVariables(258)
  expect([...request.subarray(0, 4)]).toEqual([0x16, 2, 1, 2])
  expect(request.length % 4).toBe(0)
  expect(request.toString('latin1', 12, 12 + request.readUInt16BE(10))).toMatch(/^leap,stratum,.*jitter$/)
})

test('parts are put together in any order', () => {
  const text = 'leap=0, stratum=2, refid="GPS", offset=-1.5e-3, frequency=-12.5'
  const parts = [text.slice(0, 20), text.slice(20, 45), text.slice(45)]
  const [first, second, third] = [
    answer(parts[0]!, { isLast: false }),
    answer(parts[1]!, { offset: 20, isLast: false }),
    answer(parts[2]!, { offset: 45 }),
  ]
  for (const order of [
    [first, second, third],
    [third, first, second],
    [second, third, third, first],
  ]) {
    expect(decode(...order)).toMatchObject({
      stratum: 2,
      reference: 'GPS',
      offset: -1.5e-6,
      frequencyAdjustment: -12.5e-6,
    })
  }
  expect(decode(first, third)).toBeUndefined()
})

describe('what is no answer to the request is ignored', () => {
  test.each([
    ['another sequence number', answer('leap=0, stratum=2', { sequence: 8 })],
    ['a text without the variables', answer('hello')],
    ['a leap that does not exist', answer('leap=4, stratum=2')],
    ['no stratum', answer('leap=0')],
    ['a stratum that is no number', answer('leap=0, stratum=two')],
    ['an error', Buffer.from([0x16, 0xc2, 0, 7, 5, 0, 0, 0, 0, 0, 0, 0])],
    ['a count beyond the datagram', Buffer.from([0x16, 0x82, 0, 7, 0, 0, 0, 0, 0, 0, 1, 0])],
    ['our own request', encodeReadVariables(7)],
    ['a time packet', Buffer.alloc(48, 0x24)],
    ['nothing', Buffer.alloc(0)],
  ])('%s', (_, bytes) => {
    expect(decode(bytes)).toBeUndefined()
  })

  test('values that are no numbers are unknown', () => {
    expect(decode(answer('leap=0, stratum=2, offset=nan, rootdelay=, frequency=0x1'))).toMatchObject({
      offset: undefined,
      maxError: undefined,
      frequencyAdjustment: undefined,
    })
  })

  test('arbitrary changes do no harm', () => {
    const change = fc.tuple(fc.nat(ntpVariables.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 10 }), (changes) => {
        const bytes = Buffer.from(ntpVariables)
        for (const [at, value] of changes) bytes[at] = value
        decode(bytes, bytes)
      }),
    )
  })
})
