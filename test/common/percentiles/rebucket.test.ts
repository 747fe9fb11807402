import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rebucket } from '../../../common/percentiles/rebucket.ts'

const rising = fc
  .uniqueArray(fc.double({ min: 1e-4, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 20 })
  .map((edges) => edges.toSorted((a, b) => a - b))

test('no call is lost or added, whatever the edges are', () => {
  fc.assert(
    fc.property(
      rising,
      rising,
      fc.array(fc.nat(1_000), { minLength: 21, maxLength: 21 }),
      (from, to, all) => {
        const counts = all.slice(0, from.length + 1)
        const into = new Float64Array(to.length + 1)
        rebucket({ edges: from, counts }, to, into)
        expect(into.every((count) => count >= 0)).toBe(true)
        expect(into.reduce((a, b) => a + b, 0)).toBeCloseTo(
          counts.reduce((a, b) => a + b, 0),
          6,
        )
      },
    ),
  )
})

test('calls stay where they were between edges that are the same', () => {
  const edges = [0.001, 0.01, 0.1]
  const into = new Float64Array(4)
  rebucket({ edges, counts: [5, 6, 7, 8] }, edges, into)
  expect([...into]).toEqual([5, 6, 7, 8])
})

test('a bucket that is cut in the middle of its logarithms is halved', () => {
  const into = new Float64Array(3)
  rebucket({ edges: [0.01, 1], counts: [0, 100, 0] }, [0.1, 1], into)
  expect(into[0]).toBeCloseTo(50, 9)
  expect(into[1]).toBeCloseTo(50, 9)
})
