import { describe, expect, test } from 'vitest'
import { compare } from '../../../collector/migrate/compare.ts'
import { digest } from '../../../collector/migrate/digest.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import { setStale } from '../../../common/series/stale.ts'

type Sample = readonly [timeMs: number, value: number | 'stale']

function piece(name: string, ...samples: readonly Sample[]): SeriesSamples {
  const values = new Float64Array(samples.length)
  for (const [i, [, value]] of samples.entries()) {
    if (value === 'stale') setStale(values, i)
    else values[i] = value
  }
  return { labels: ['__name__', name], timestamps: Float64Array.from(samples, ([time]) => time), values }
}

async function* stream(pieces: readonly SeriesSamples[]): AsyncGenerator<SeriesSamples> {
  for (const one of pieces) yield await Promise.resolve(one)
}

async function compared(
  source: readonly SeriesSamples[],
  target: readonly SeriesSamples[],
  isExact: boolean,
) {
  return compare(await digest(stream(source)), await digest(stream(target)), isExact)
}

const wanted = [piece('a', [1000, 1], [2000, 1 / 3], [3000, 'stale']), piece('b', [1000, -Infinity])]

describe.each([true, false])('of a target that keeps every bit: %s', (isExact) => {
  test('the same in other pieces and in another order is the same', async () => {
    const other = [
      piece('b', [1000, -Infinity]),
      piece('a', [3000, 'stale']),
      piece('a', [1000, 1], [2000, 1 / 3]),
    ]
    expect(await compared(wanted, other, isExact)).toEqual({
      series: 2,
      samples: 4,
      nan: 0,
      more: 0,
      differences: [],
    })
  })

  test.each([
    ['a sample is missing', [piece('a', [1000, 1], [2000, 1 / 3])], 'a: 2 of 3 samples'],
    [
      'a value is another',
      [piece('a', [1000, 1], [2000, 0.34], [3000, 'stale'])],
      'with other times or values',
    ],
    [
      'a time is another',
      [piece('a', [1000, 1], [2001, 1 / 3], [3000, 'stale'])],
      'with other times or values',
    ],
    [
      'a stale marker has become a number',
      [piece('a', [1000, 1], [2000, 1 / 3], [3000, 0])],
      'with other times or values',
    ],
  ])('%s: the series differs, and so does one that is not there', async (_, target, difference) => {
    const { differences } = await compared(wanted, target, isExact)
    expect(differences).toEqual([
      expect.stringContaining(difference),
      expect.stringContaining('b: 0 of 1 samples'),
    ])
  })

  test('what the target has besides is not looked at', async () => {
    const more = [...wanted, piece('a', [1500, 5]), piece('c', [1, 1])]
    expect(await compared(wanted, more, isExact)).toMatchObject({ more: 1, differences: [] })
  })
})

test('a target that keeps twelve digits may lack the others, and every NaN that is no stale marker', async () => {
  const source = [piece('a', [1000, 1.2345678901234567e20], [2000, NaN])]
  const target = [piece('a', [1000, 1.23456789012e20])]
  expect(await compared(source, target, false)).toMatchObject({ samples: 1, nan: 1, differences: [] })
  expect((await compared(source, target, true)).differences).toHaveLength(1)
})
