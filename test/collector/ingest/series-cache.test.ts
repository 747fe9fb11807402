import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sameBytes } from '../../../collector/ingest/label-arena.ts'
import { createSeriesCache } from '../../../collector/ingest/series-cache.ts'

test('two stretches are the same exactly when every byte is, at any length and position', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.nat({ max: 7 }),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      (bytes, shift, where, xor) => {
        const other = new Uint8Array(shift + bytes.length)
        other.set(bytes, shift)
        other[shift + (where % bytes.length)]! ^= xor
        const same = sameBytes(new DataView(bytes.buffer), 0, new DataView(other.buffer), shift, bytes.length)
        expect(same).toBe(xor === 0)
      },
    ),
  )
})

const labelsOf = (name: number): Buffer =>
  Buffer.from(`label-${name}`.slice(0, 6 + (name % 5)) + String(name))

test('the cache answers like a map, whatever the order of the series', () => {
  const names = fc.array(fc.array(fc.nat({ max: 200 }), { maxLength: 60 }), { maxLength: 12 })
  fc.assert(
    fc.property(names, fc.integer(), (requests, seed) => {
      const cache = createSeriesCache({ maxEntries: 10_000, seed })
      const model = new Map<number, number>()
      for (const request of requests) {
        const parts = request.map(labelsOf)
        const bytes = Uint8Array.from(Buffer.concat(parts))
        cache.startRequest(bytes)
        let from = 0
        for (const [i, part] of parts.entries()) {
          const to = from + part.length
          const name = request[i]!
          const length = cache.expected(from, bytes.length)
          const isKnown = Array.from(model.keys(), labelsOf).some((one) =>
            one.equals(bytes.subarray(from, from + length)),
          )
          expect(isKnown || length === 0).toBe(true)
          if (isKnown) expect(cache.expected(from, from + length - 1)).toBe(0)
          expect(cache.get(bytes, from, to)).toBe(model.get(name))
          if (!model.has(name)) {
            cache.add(bytes, from, to, name * 7)
            model.set(name, name * 7)
          }
          from = to
        }
      }
      expect(cache.size).toBe(model.size)
    }),
  )
})

test('bytes that are not of the current request are looked up as well', () => {
  const cache = createSeriesCache({ maxEntries: 10, seed: 1 })
  const request = Buffer.from('first')
  cache.startRequest(request)
  const gathered = Buffer.from('scattered')
  cache.add(gathered, 0, gathered.length, 5)
  expect(cache.get(Buffer.from('scattered'), 0, gathered.length)).toBe(5)
  expect(cache.get(request, 0, request.length)).toBeUndefined()
})
