import { describe, expect, test } from 'vitest'
import { axisRange } from '../../../../collector/web/chart/axis-range.ts'
import { indexAt, keyedView, steppedCursor } from '../../../../collector/web/chart/chart-keys.ts'
import { tickTexts } from '../../../../collector/web/chart/ticks.ts'
import { drawnValues, isolatedIndexes, stackedOn } from '../../../../collector/web/chart/stack.ts'

const line = (values: (number | null)[], stack: string | null = 'A', isPercentStack = false) => ({
  values,
  stack,
  isPercentStack,
  axis: 0,
})

describe('stacked lines', () => {
  test('stand on those before them; what is missing adds nothing, and where all is missing is a gap', () => {
    expect(drawnValues([line([1, 2, null]), line([null, 3, null]), line([5, 5, null])])).toEqual([
      [1, 2, null],
      [1, 5, null],
      [6, 10, null],
    ])
    expect(stackedOn([line([]), line([]), line([], 'B'), line([], null), line([])])).toEqual([
      [1, 0],
      [4, 1],
    ])
  })

  test('of percentages fill the whole, and nothing of nothing', () => {
    expect(drawnValues([line([1, 0], 'A', true), line([3, 0], 'A', true)])).toEqual([
      [0.25, 0],
      [1, 0],
    ])
  })
})

test('points between gaps are found, for a line would not show them', () => {
  expect(isolatedIndexes([1, null, 2, null, 3, 4])).toEqual([0, 2])
})

describe('a value axis', () => {
  const free = { min: null, max: null, softMin: null, softMax: null, isLogarithmic: false }

  test('starts at zero unless the values lie close together', () => {
    expect(axisRange(10, 100, free)[0]).toBe(0)
    const [bottom, top] = axisRange(98, 99, free)
    expect(bottom).toBeGreaterThan(97)
    expect(top).toBeLessThan(100)
  })

  test('has the ends that are set, and soft ones as long as nothing is beyond', () => {
    expect(axisRange(0.2, 0.4, { ...free, min: 0, max: 1 })).toEqual([0, 1])
    expect(axisRange(0.2, 0.4, { ...free, softMax: 1 })[1]).toBe(1)
    expect(axisRange(0.2, 4, { ...free, softMax: 1 })[1]).toBeGreaterThan(4)
  })

  test('is not empty without values or with zeros alone', () => {
    expect(axisRange(null, null, free)).toEqual([0, 1])
    expect(axisRange(0, 0, free)).toEqual([0, 1])
  })
})

describe('keys', () => {
  const data = { times: [0, 10, 20], stepSeconds: 10, from: 0, to: 20 }
  const key = (name: string, shiftKey = false) => ({
    key: name,
    shiftKey,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
  })

  test('move the crosshair from instant to instant', () => {
    expect([steppedCursor(data, null, 'ArrowLeft'), steppedCursor(data, 10, 'ArrowRight')]).toEqual([20, 20])
    expect(steppedCursor(data, 10, 'Escape')).toBe(null)
    expect(indexAt(data, 14)).toBe(1)
  })

  test('move and zoom the chart', () => {
    expect(keyedView(data, null, key('ArrowLeft', true))).toEqual({ from: -5, to: 15 })
    expect(keyedView(data, 10, key('+'))).toEqual({ from: 5, to: 15 })
    expect(keyedView(data, null, key('-'))).toEqual({ from: -10, to: 30 })
    expect(keyedView(data, 10, key('ArrowLeft'))).toBe(null)
  })
})

test('ticks that lie close together have the decimals that tell them apart', () => {
  expect(tickTexts([0.9991, 0.9992, null], { unit: 'percentunit', decimals: null })).toEqual([
    '99.91 %',
    '99.92 %',
    '',
  ])
  expect(tickTexts([0, 1000, 2000], { unit: 'short', decimals: null })).toEqual(['0', '1 k', '2 k'])
})
