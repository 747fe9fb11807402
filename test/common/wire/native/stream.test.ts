import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isStaleAt, setStale } from '../../../../common/series/stale.ts'
import type { SeriesSamples } from '../../../../common/series/samples.ts'
import { decodeNative, encodeNativeHead, encodeNativeSeries } from '../../../../common/wire/native/stream.ts'
import type { NativePart } from '../../../../common/wire/native/stream.ts'

function series(values: readonly number[], labels: readonly string[] = ['__name__', 'a']): SeriesSamples {
  return {
    labels,
    timestamps: Float64Array.from(values, (_, i) => 1_790_000_000_000 + i * 10_000),
    values: Float64Array.from(values),
  }
}

function encoded(...all: SeriesSamples[]): Uint8Array {
  return Buffer.concat([encodeNativeHead(0, 2e12), ...all.flatMap((one) => [...encodeNativeSeries(one)])])
}

async function decoded(bytes: Uint8Array, chunkBytes = bytes.length): Promise<NativePart[]> {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes))
  const parts: NativePart[] = []
  for await (const part of decodeNative(Readable.from(chunks))) parts.push(part)
  return parts
}

const valuesOf = (parts: readonly NativePart[]): number[] => parts.flatMap(({ values }) => [...values])

describe('native export and import', () => {
  test('every finite double comes back as it was, whatever stands beside it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 50 }),
        async (values) => {
          const back = valuesOf(await decoded(encoded(series(values))))
          // There is no negative zero among decimals.
          expect(back.map((value) => value + 0)).toEqual(values.map((value) => value + 0))
        },
      ),
    )
  })

  test('an infinity stands beside the smallest double', async () => {
    const values = [-5e-324, Infinity, 1e-306, -Infinity]
    expect(valuesOf(await decoded(encoded(series(values))))).toEqual(values)
  })

  test('times, labels and values of several series come back in any chunks', async () => {
    const one = series([1, 2, 3.5], ['__name__', 'a_total', 'job', 'x\u0001\u0000\u0002y', 'z', 'é'])
    const two = series(Array.from({ length: 20_000 }, (_, i) => (i * i) % 977))
    const parts = await decoded(encoded(one, two), 7)
    expect(parts[0]!.labels).toEqual(one.labels)
    expect([...parts[0]!.timestamps]).toEqual([...one.timestamps])
    expect(valuesOf(parts.slice(1))).toEqual([...two.values])
    expect(parts.slice(1).flatMap(({ timestamps }) => [...timestamps])).toEqual([...two.timestamps])
  })

  test('stale markers stay, ordinary NaN is left out', async () => {
    const given = series([1, 0, NaN, 4])
    setStale(given.values, 1)
    const [part] = await decoded(encoded(given))
    expect(part!.values).toHaveLength(3)
    expect(isStaleAt(part!.values, 1)).toBe(true)
  })

  test('what VictoriaMetrics wrote is read', async () => {
    // a_total{job="x\x01y",z="é"} 1 2 3 5 8 every ten seconds, as VictoriaMetrics 1.79.5 exports it.
    const bytes = Buffer.from(
      '000000000000000000000344337c17b0' +
        '00000016' +
        '615f746f74616c016a6f620178003179017a01c3a901' +
        '00000014' +
        'b0c4e99bc36802050002050' +
        '3a09c010402000202',
      'hex',
    )
    const [part] = await decoded(bytes)
    expect(part!.labels).toEqual(['__name__', 'a_total', 'job', 'x\u0001y', 'z', 'é'])
    expect([...part!.timestamps]).toEqual([0, 10, 20, 30, 40].map((s) => 1_795_728_159_000 + s * 1000))
    expect([...part!.values]).toEqual([1, 2, 3, 5, 8])
  })

  test('cut or changed bytes end in an error that says so, or in other samples, and in nothing else', async () => {
    const bytes = encoded(series(Array.from({ length: 300 }, (_, i) => i * 0.25)), series([Infinity, -1, 2]))
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.nat(255),
        fc.nat(bytes.length),
        async (at, value, length) => {
          const damaged = Uint8Array.from(bytes.subarray(0, length))
          if (at < length) damaged[at] = value
          try {
            await decoded(damaged)
          } catch (error) {
            expect(error).toMatchObject({ code: 'BAD_DATA' })
          }
        },
      ),
    )
  })
})
