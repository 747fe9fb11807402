import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findOid, packColumns, sliceColumns, unpackColumns } from '../../../common/insight/index-columns.ts'
import type { IndexColumns } from '../../../common/insight/index-columns.ts'

const row = fc.record({
  oid: fc.integer({ min: 0, max: 4_294_967_295 }),
  first: fc.integer({ min: 0, max: 4_294_967_295 }),
  used: fc.integer({ min: 0, max: 4_294_967_295 }),
  scans: fc.double({ min: 0, max: 2 ** 53, noNaN: true }),
  fetched: fc.double({ min: 0, max: 2 ** 53, noNaN: true }),
})
const columns = fc
  .uniqueArray(row, { selector: ({ oid }) => oid, maxLength: 200 })
  .map((rows): IndexColumns => {
    const sorted = rows.toSorted((a, b) => a.oid - b.oid)
    return {
      oids: Uint32Array.from(sorted, ({ oid }) => oid),
      firstS: Uint32Array.from(sorted, ({ first }) => first),
      usedS: Uint32Array.from(sorted, ({ used }) => used),
      scans: Float64Array.from(sorted, ({ scans }) => scans),
      fetched: Float64Array.from(sorted, ({ fetched }) => fetched),
    }
  })

test('columns come out as they were packed, also a part of them', () => {
  fc.assert(
    fc.property(columns, fc.nat(200), fc.nat(200), (given, a, b) => {
      const from = Math.min(a, b, given.oids.length)
      const to = Math.min(Math.max(a, b), given.oids.length)
      const part = sliceColumns(given, from, to)
      expect(unpackColumns(packColumns(part), to - from)).toEqual(part)
    }),
  )
})

test('every OID is found, and no other', () => {
  fc.assert(
    fc.property(columns, fc.integer({ min: 0, max: 4_294_967_295 }), ({ oids }, other) => {
      for (const [i, oid] of oids.entries()) expect(findOid(oids, oid)).toBe(i)
      expect(findOid(oids, other)).toBe(oids.indexOf(other))
    }),
  )
})

test('twenty thousand indexes that nobody uses fit into 150 kB, and no text unpacks into more than is said', () => {
  const count = 20_000
  const given: IndexColumns = {
    oids: Uint32Array.from({ length: count }, (_, i) => 16_384 + 7 * i),
    firstS: new Uint32Array(count).fill(1_790_000_000),
    usedS: new Uint32Array(count),
    scans: new Float64Array(count),
    fetched: new Float64Array(count),
  }
  const packed = packColumns(given)
  expect(packed.length).toBeLessThan(150_000)
  expect(() => unpackColumns(packed, count - 1)).toThrow(/cannot be read/)
  expect(() => unpackColumns(packed, count + 1)).toThrow(/another length/)
  expect(() => unpackColumns('no columns', 3)).toThrow(/cannot be read/)
})
