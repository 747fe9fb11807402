import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { colourCount } from '../../../../collector/web/chart/slots.ts'

const read = (name: string): string =>
  readFileSync(new URL(`../../../../collector/web/styles/${name}`, import.meta.url), 'utf8')
const light = read('colours.css')
const dark = read('dark.css')

type Rgb = readonly [number, number, number]

const coloursOf = (text: string): ReadonlyMap<string, Rgb> =>
  new Map(
    [...text.matchAll(/--([\w-]+):\s*#(\w\w)(\w\w)(\w\w);/g)].map(([, name, red, green, blue]) => [
      name!,
      [parseInt(red!, 16), parseInt(green!, 16), parseInt(blue!, 16)],
    ]),
  )

/** Relative luminance and contrast ratio as WCAG 2.2 defines them. */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}
function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high! + 0.05) / (low! + 0.05)
}

const series = Array.from({ length: colourCount }, (_, index) => `series-${index}`)
const textPairs: readonly (readonly [string, string])[] = [
  ...['background', 'surface', 'surface-soft', 'bad-soft', 'warn-soft'].map((on) => ['text', on] as const),
  ...['background', 'surface', 'surface-soft'].map((on) => ['text-soft', on] as const),
  ['accent', 'background'],
  ['accent', 'surface'],
  ['on-accent', 'accent'],
  ['bad', 'bad-soft'],
  ['bad', 'surface'],
  ['warn', 'warn-soft'],
  ['warn', 'surface'],
  ['bad', 'warn-soft'],
  ['warn', 'bad-soft'],
  // Labels in the bars of a timeline and in marks.
  ...['good', 'calm', 'bad', 'warn', 'text-soft'].map((on) => ['surface', on] as const),
]

describe.each([
  ['light', coloursOf(light)],
  ['dark', coloursOf(dark)],
] as const)('the %s colours', (_, colours) => {
  const colour = (name: string): Rgb => {
    const found = colours.get(name)
    if (found === undefined) throw new Error(`no colour --${name}`)
    return found
  }

  test.each(textPairs)('%s on %s reads with 4.5:1', (text, surface) => {
    expect(contrast(colour(text), colour(surface))).toBeGreaterThanOrEqual(4.5)
  })

  test.each(series)('%s stands out from the surface with 3:1', (name) => {
    expect(contrast(colour(name), colour('surface'))).toBeGreaterThanOrEqual(3)
  })

  test('no two of the first four lines look alike to a deuteranope or a protanope', () => {
    const first = series.slice(0, 4).map(colour)
    for (const matrix of Object.values(blindness)) {
      for (const [index, a] of first.entries()) {
        for (const b of first.slice(index + 1)) {
          expect(distance(seen(a, matrix), seen(b, matrix))).toBeGreaterThan(30)
        }
      }
    }
  })
})

/** Machado, Oliveira and Fernandes (2009), severity 1.0, applied to linear RGB. */
const blindness = {
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
} as const

function seen(colour: Rgb, matrix: readonly number[]): Rgb {
  const linear = colour.map((value) => (value / 255) ** 2.2)
  const mixed = [0, 3, 6].map((row) =>
    linear.reduce((sum, value, column) => sum + value * matrix[row + column]!, 0),
  )
  const [red, green, blue] = mixed.map((value) => 255 * Math.min(1, Math.max(0, value)) ** (1 / 2.2))
  return [red!, green!, blue!]
}

const distance = (a: Rgb, b: Rgb): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
