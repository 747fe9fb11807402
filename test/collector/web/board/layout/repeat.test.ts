import { expect, test } from 'vitest'
import { placeSections } from '../../../../../collector/web/board/layout/repeat.ts'
import { board } from '../../../../../collector/web/board/model/board.ts'

const panel = (id: number, place: object, more: object = {}) => ({
  id,
  type: 'stat',
  title: `$ins`,
  gridPos: place,
  ...more,
})
const selection = { name: 'ins', values: ['a', 'b', 'c'], isAll: true, allValue: '.+', isPattern: true }
const selections = new Map([['ins', selection]])
const placed = (panels: unknown[]) => placeSections(board.parse({ uid: 'x', panels }).sections, selections)

test('a panel that repeats stands once for each value, and what is below moves down', () => {
  const [section] = placed([
    panel(1, { x: 0, y: 3, w: 24, h: 4 }, { repeat: 'ins', maxPerRow: 2 }),
    panel(2, { x: 0, y: 7, w: 24, h: 4 }),
  ])
  expect(section?.panels.map(({ key, x, y, w }) => [key, x, y, w])).toEqual([
    ['1-a', 0, 0, 12],
    ['1-b', 12, 0, 12],
    ['1-c', 0, 4, 12],
    ['2', 0, 8, 24],
  ])
  expect(section?.panels[1]?.selections.get('ins')).toMatchObject({ values: ['b'], isAll: false })
})

test('a row that repeats stands once for each value with all its panels', () => {
  const sections = placed([
    { id: 1, type: 'row', title: 'Of $ins', repeat: 'ins', collapsed: false },
    panel(2, { x: 0, y: 1, w: 12, h: 4 }),
  ])
  expect(sections.map(({ key, panels }) => [key, panels.map((one) => one.key)])).toEqual([
    ['1-a', ['2-a']],
    ['1-b', ['2-b']],
    ['1-c', ['2-c']],
  ])
})
