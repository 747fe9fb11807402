import { describe, expect, test } from 'vitest'
import { assignSlots, colourCount, lookOf } from '../../../../collector/web/chart/slots.ts'

const named = (...names: string[]): { name: string; subject: string; query: number }[] =>
  names.map((name) => ({ name, subject: name, query: 0 }))

describe('looks of lines', () => {
  test('a server keeps its look on every chart', () => {
    const memory = new Map<string, number>()
    const [, second] = assignSlots(named('a-1', 'a-2'), memory)
    expect(assignSlots(named('a-2', 'a-9'), memory)[0]).toBe(second)
  })

  test('no two lines of a chart look alike as long as there are looks', () => {
    const memory = new Map<string, number>()
    assignSlots(named('active'), memory)
    assignSlots(named('a-1'), memory)
    const names = Array.from({ length: 22 }, (_, index) => `n-${index}`)
    const slots = assignSlots(named('active', 'a-1', ...names), memory)
    expect(new Set(slots).size).toBe(24)
  })

  test('what is told about one subject shares its colour and differs in dashes', () => {
    const columns = ['a-1', 'a-2'].flatMap((subject) =>
      [0, 1].map((query) => ({ name: `${subject} ${query}`, subject, query })),
    )
    const looks = assignSlots(columns, new Map()).map(lookOf)
    expect(looks.map(({ colour }) => colour)).toEqual([0, 0, 1, 1])
    expect(looks.map(({ dash }) => dash)).toEqual([0, 1, 0, 1])
  })

  test('with more subjects than colours each line has its own look', () => {
    const columns = Array.from({ length: colourCount + 1 }, (_, index) => `s-${index}`).flatMap((subject) =>
      [0, 1].map((query) => ({ name: `${subject} ${query}`, subject, query })),
    )
    expect(new Set(assignSlots(columns, new Map())).size).toBe(columns.length)
  })
})
