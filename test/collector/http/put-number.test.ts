import fc from 'fast-check'
import { expect, test } from 'vitest'
import { secondsText, valueText } from '../../../collector/http/number-text.ts'
import { longestNumber, putSeconds, putValue } from '../../../collector/http/put-number.ts'
import { createTextBytes } from '../../../collector/http/text-bytes.ts'

const textOf = (put: typeof putValue, number: number): string => {
  const { bytes, view } = createTextBytes(longestNumber)
  return bytes.toString('latin1', 0, put(view, 0, number))
}

/** As many digits as there are, in front of the point and behind it. */
const anySize = fc
  .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 7 }), fc.maxSafeNat())
  .map(([digits, places, number]) => (number % 10 ** digits) / 10 ** places)

const decimal = fc
  .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 18 }))
  .map(([digits, places]) => digits / 10 ** places)

test('a value is put as its text', () => {
  const some = [
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    1e15,
    1e15 - 1,
    -1e21,
    1e-7,
    5e-324,
    0.1 + 0.2,
    999999.999999,
  ]
  for (const value of some) expect(textOf(putValue, value)).toBe(valueText(value))
  const value = fc.oneof(fc.double(), decimal, anySize, fc.maxSafeInteger(), fc.integer())
  fc.assert(
    fc.property(value, (number) => textOf(putValue, number) === valueText(number)),
    { numRuns: 5_000 },
  )
})

test('a time is put as its text', () => {
  const timeMs = fc.oneof(
    fc.maxSafeInteger(),
    fc.integer({ min: 0, max: 2e12 }),
    fc.double({ min: -1e15, max: 1e15 }),
  )
  fc.assert(
    fc.property(timeMs, (number) => textOf(putSeconds, number) === secondsText(number)),
    { numRuns: 5_000 },
  )
})
