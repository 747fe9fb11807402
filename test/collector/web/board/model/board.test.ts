import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { board } from '../../../../../collector/web/board/model/board.ts'
import { smallBoard } from '../small-board.ts'

describe('a board is read from its JSON', () => {
  const read = board.parse(smallBoard)

  test('panels stand in sections: what is above the first row, and one for each row', () => {
    expect(read.sections.map(({ title, isFolded, panels }) => [title, isFolded, panels.length])).toEqual([
      ['', false, 3],
      ['Load of $cls', false, 4],
      ['More', true, 2],
    ])
  })

  test('options that are not set have their defaults', () => {
    const gauge = read.sections[0]!.panels[1]!
    expect(gauge.kind).toMatchObject({
      type: 'gauge',
      options: { reduceOptions: { calcs: ['lastNotNull'] }, showThresholdMarkers: true },
    })
  })

  test('a type that is not drawn costs itself and is named', () => {
    expect(read.sections[2]!.panels[1]).toMatchObject({
      kind: null,
      unsupported: ['a panel of the type geomap'],
    })
  })

  test('a panel that stands out of reach is drawn within it', () => {
    const [first] = smallBoard.panels
    const placeOf = (gridPos: object): unknown =>
      board.parse({ ...smallBoard, panels: [{ ...first, gridPos }] }).sections[0]!.panels[0]!.gridPos
    expect(placeOf({ x: -5, y: 1e9, w: 1e6, h: 1e6 })).toEqual({ x: 0, y: 100_000, w: 24, h: 200 })
    expect(placeOf({ x: 50, y: -1, w: 0, h: -3 })).toEqual({ x: 23, y: 0, w: 1, h: 1 })
    expect(placeOf({})).toEqual({ x: 0, y: 0, w: 12, h: 8 })
  })

  test('a transformation that is not known is told instead of a wrong table', () => {
    const [first] = smallBoard.panels
    const changed = {
      ...smallBoard,
      panels: [{ ...first, transformations: [{ id: 'groupBy', options: {} }] }],
    }
    expect(board.parse(changed).sections[0]!.panels[0]!.unsupported).toEqual(['the transformation groupBy'])
  })

  test('what is no board is refused', () => {
    expect(board.safeParse({ title: 'no uid' }).success).toBe(false)
  })
})

const shipped = globSync(new URL('../../../../../dashboards/json/*.json', import.meta.url).pathname)

test('there are shipped boards', () => {
  expect(shipped.length).toBeGreaterThan(2)
})

test.each(shipped)('all of %s can be drawn', (file) => {
  const read = board.parse(JSON.parse(readFileSync(file, 'utf8')))
  const unsupported = read.sections.flatMap(({ panels }) =>
    panels.flatMap((panel) => panel.unsupported.map((what) => `${panel.title}: ${what}`)),
  )
  expect(unsupported).toEqual([])
})
