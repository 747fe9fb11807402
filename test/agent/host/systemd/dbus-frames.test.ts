import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBusFrames } from '../../../../agent/host/systemd/dbus-frames.ts'
import { readString } from '../../../../agent/host/systemd/dbus-read.ts'
import { readUnits } from '../../../../agent/host/systemd/units.ts'
import type { Unit } from '../../../../agent/host/systemd/units.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { errorReply, helloReply, unitsReply } from './recorded.ts'

interface Seen {
  readonly serial: number
  readonly errorName: string | undefined
  readonly signature: string
  readonly units: readonly Unit[]
}

function read(chunks: readonly Buffer[]): readonly Seen[] {
  const seen: Seen[] = []
  const frames = createBusFrames(({ serial, errorName, signature, body }) => {
    const units = signature.startsWith('a') ? readUnits(body).units : []
    if (signature === 's') readString(body)
    seen.push({ serial, errorName, signature, units })
  })
  for (const chunk of chunks) frames(chunk)
  return seen
}

const refused = (chunks: readonly Buffer[]): unknown => {
  try {
    read(chunks)
    return undefined
  } catch (error) {
    return error instanceof PgherdError ? error.code : error
  }
}

const all = Buffer.concat([helloReply, unitsReply, errorReply])

describe('what dbus-daemon and systemd really send', () => {
  const expected = [
    { serial: 1, errorName: undefined, signature: 's', units: [] },
    {
      serial: 2,
      errorName: undefined,
      signature: 'a(ssssssouso)',
      units: [
        {
          name: 'dbus.service',
          activeState: 'active',
          subState: 'running',
          path: '/org/freedesktop/systemd1/unit/dbus_2eservice',
        },
        {
          name: 'dbus.socket',
          activeState: 'active',
          subState: 'running',
          path: '/org/freedesktop/systemd1/unit/dbus_2esocket',
        },
      ],
    },
    { serial: 3, errorName: 'org.freedesktop.DBus.Error.UnknownMethod', signature: 's', units: [] },
  ]

  test('is read as replies, and the signal between them is passed over', () => {
    expect(read([all])).toEqual(expected)
  })

  test('is the same however it is cut', () => {
    const cuts = fc.array(fc.nat(all.length), { maxLength: 20 })
    fc.assert(
      fc.property(cuts, (at) => {
        const sorted = [0, ...at.sort((a, b) => a - b), all.length]
        expect(read(sorted.slice(1).map((end, i) => all.subarray(sorted[i], end)))).toEqual(expected)
      }),
    )
    expect(read(Array.from(all, (_, i) => all.subarray(i, i + 1)))).toEqual(expected)
  })

  test('is understood in big-endian too', () => {
    const body = Buffer.from('\0\0\0\x04:1.7\0', 'latin1')
    const fields = Buffer.from('\x05\x01u\0\0\0\0\x09\x08\x01g\0\x01s\0\0', 'latin1')
    const head = Buffer.from([0x42, 2, 1, 1, 0, 0, 0, body.length, 0, 0, 0, 1, 0, 0, 0, 15])
    expect(read([Buffer.concat([head, fields, body])])).toEqual([{ ...expected[0], serial: 9 }])
  })
})

describe('what is no D-Bus', () => {
  test('a changed byte gives another reply, no reply or BAD_DATA, and never anything else', () => {
    const change = fc.tuple(fc.nat(all.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = Buffer.from(all)
        for (const [at, value] of changes) bytes[at] = value
        expect([undefined, 'BAD_DATA']).toContain(refused([bytes]))
      }),
      { numRuns: 3000 },
    )
  })

  test('arbitrary bytes are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 200 }), (bytes) => {
        fc.pre(bytes[0] !== 0x6c && bytes[0] !== 0x42)
        expect(refused([Buffer.from(bytes)])).toBe('BAD_DATA')
      }),
    )
  })

  test.each([
    ['a body of 1 GB', 4, 2 ** 30],
    ['a header of 1 GB', 12, 2 ** 30],
  ])('%s is refused before it comes', (_, at, size) => {
    const head = Buffer.from(unitsReply.subarray(0, 16))
    head.writeUInt32LE(size, at)
    expect(refused([head])).toBe('BAD_DATA')
  })

  test('a message of 4 MB that never ends costs what has come of it', () => {
    const head = Buffer.from(unitsReply.subarray(0, 16))
    head.writeUInt32LE(4 * 1024 * 1024, 4)
    const before = process.memoryUsage().arrayBuffers
    const frames = createBusFrames(() => expect.fail('no message is whole'))
    frames(head)
    for (let i = 0; i < 1000; i++) frames(Buffer.alloc(1))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200_000)
  })

  test('signals of any length are passed over and not kept', () => {
    const signal = Buffer.from(unitsReply.subarray(0, 16))
    signal[1] = 4
    signal.writeUInt32LE(3 * 1024 * 1024, 4)
    const rest = Buffer.alloc(64 + 3 * 1024 * 1024)
    expect(read([signal, rest, errorReply])).toHaveLength(1)
  })
})
