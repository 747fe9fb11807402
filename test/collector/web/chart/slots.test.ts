import { describe, expect, test } from 'vitest'
import { assignSlots, lookOf } from '../../../../collector/web/chart/slots.ts'

describe('looks of lines', () => {
  test('a server keeps its look on every chart', () => {
    const memory = new Map<string, number>()
    expect(assignSlots(['a', 'b'], memory)).toEqual([0, 1])
    expect(assignSlots(['b', 'c', 'a'], memory)).toEqual([1, 2, 0])
  })

  test('no two lines of a chart look alike, whatever other charts have', () => {
    const memory = new Map([
      ['a', 3],
      ['b', 3],
    ])
    const slots = assignSlots(['a', 'b', 'c'], memory)
    expect(new Set(slots).size).toBe(3)
  })

  test('there are 24 looks; only then do they repeat', () => {
    const names = Array.from({ length: 30 }, (_, index) => `n${index}`)
    const slots = assignSlots(names, new Map())
    expect(new Set(slots).size).toBe(24)
    expect(lookOf(9)).toEqual({ colour: 1, dash: 1 })
  })
})
