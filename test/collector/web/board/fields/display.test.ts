import { describe, expect, test } from 'vitest'
import { display, scaleOf } from '../../../../../collector/web/board/fields/display.ts'
import { fieldResolver } from '../../../../../collector/web/board/fields/resolve-field.ts'
import { reduce } from '../../../../../collector/web/board/fields/reduce.ts'
import { reachedStep } from '../../../../../collector/web/board/fields/thresholds.ts'
import { fieldConfig, fieldSettings } from '../../../../../collector/web/board/model/field-settings.ts'

const steps = [
  { value: null, color: 'green' },
  { value: 80, color: 'orange' },
  { value: 95, color: 'red' },
]

describe('thresholds', () => {
  test.each([
    [-5, 'green'],
    [79.9, 'green'],
    [80, 'orange'],
    [95, 'red'],
    [null, 'green'],
  ])('%d is %s', (value, colour) => {
    expect(reachedStep({ mode: 'absolute', steps }, value, 0, 100)?.colour).toBe(colour)
  })

  test('of percentages are between the ends of the scale', () => {
    expect(reachedStep({ mode: 'percentage', steps }, 180, 0, 200)?.colour).toBe('orange')
  })
})

describe('a value', () => {
  const settings = fieldSettings.parse({
    unit: 'percent',
    color: { mode: 'thresholds' },
    thresholds: { mode: 'absolute', steps },
    noValue: 'none',
    mappings: [
      { type: 'value', options: { 0: { text: 'idle', color: 'blue' } } },
      { type: 'range', options: { from: 1, to: 2, result: { text: 'hardly' } } },
      { type: 'special', options: { match: 'nan', result: { text: 'undefined' } } },
      { type: 'regex', options: { pattern: '^pg-(.*)$', result: { text: 'server $1' } } },
    ],
  })

  test.each([
    [97, '97 %', 'bad'],
    [85, '85 %', 'warn'],
    [0, 'idle', 'calm'],
    [1.5, 'hardly', 'good'],
    [Number.NaN, 'undefined', undefined],
    ['pg-main', 'server main', undefined],
    [null, 'none', undefined],
  ])('%s is shown as %s', (value, text, tone) => {
    const shown = display(value, settings, 0)
    expect([shown.text, shown.colour?.tone]).toEqual([text, tone])
  })

  test('of a share is on a scale to 100, others to the largest', () => {
    expect(scaleOf(settings, [3])).toEqual({ min: 0, max: 100 })
    expect(scaleOf(fieldSettings.parse({}), [3, -2, null])).toEqual({ min: -2, max: 3 })
    expect(scaleOf(fieldSettings.parse({ min: 10 }), [5])).toEqual({ min: 10, max: 11 })
  })
})

describe('overrides', () => {
  const resolve = fieldResolver(
    fieldConfig.parse({
      defaults: { unit: 'short', custom: { lineWidth: 3 } },
      overrides: [
        {
          matcher: { id: 'byRegexp', options: '/read$/' },
          properties: [
            { id: 'unit', value: 'bytes' },
            { id: 'custom.width', value: 90 },
          ],
        },
        { matcher: { id: 'byName', options: 'disk read' }, properties: [{ id: 'unit', value: 'Bps' }] },
        { matcher: { id: 'byName', options: 'bad' }, properties: [{ id: 'decimals', value: 'many' }] },
        { matcher: { id: 'byName', options: 'evil' }, properties: [{ id: '__proto__.polluted', value: 1 }] },
      ],
    }),
  )
  const of = (name: string) => resolve({ name, refId: 'A', kind: 'number' })

  test('apply in their order to the fields that they name', () => {
    expect(of('write').unit).toBe('short')
    expect(of('net read')).toMatchObject({ unit: 'bytes', custom: { width: 90, lineWidth: 3 } })
    expect(of('disk read')).toMatchObject({ unit: 'Bps', custom: { width: 90 } })
  })

  test('with a value that makes no sense leave the setting at its default', () => {
    expect(of('bad')).toMatchObject({ unit: 'short', decimals: null })
  })

  test('do not reach the prototype of all objects', () => {
    of('evil')
    expect('polluted' in {}).toBe(false)
  })
})

test.each([
  ['lastNotNull', 4],
  ['last', null],
  ['max', 4],
  ['min', 1],
  ['mean', 7 / 3],
  ['sum', 7],
  ['diff', 2],
  ['p50', 2],
])('%s of some values', (calc, expected) => {
  expect(reduce(calc, [2, 1, null, 4, null])).toBe(expected)
})

test('nothing reduces to nothing', () => {
  for (const calc of ['lastNotNull', 'max', 'mean', 'sum', 'diff', 'p90'])
    expect(reduce(calc, [null])).toBe(null)
})
