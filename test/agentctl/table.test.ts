import { expect, test } from 'vitest'
import { renderTable } from '../../agentctl/table.ts'

const columns = [{ title: 'NAME' }, { title: 'QUERY' }, { title: 'N', align: 'right' as const }]
const rows = [['pg-main-1', 'select something rather long from a table', '12']]

test('a table without a width limit cuts nothing', () => {
  expect(renderTable(columns, rows, Infinity)[1]).toBe(
    'pg-main-1  select something rather long from a table  12',
  )
})

test('the widest text column is cut to fit, numbers never', () => {
  const lines = renderTable(columns, rows, 40)
  expect(lines.every((line) => line.length <= 40)).toBe(true)
  expect(lines[1]).toBe('pg-main-1  select something rather …  12')
})

test('a terminal too narrow for the columns keeps them readable instead of vanishing', () => {
  expect(renderTable(columns, rows, 5)[1]).toBe('pg-main…  select …  12')
})

test('a table may have more rows than a call has arguments', () => {
  const many = Array.from({ length: 300_000 }, () => ['pg-main-1', 'up', '12'])
  expect(renderTable(columns, many, Infinity)).toHaveLength(300_001)
})

test('cells and titles cannot break the table or speak to the terminal', () => {
  const lines = renderTable([{ title: 'A\u001b[2J' }], [['x\nNODE  up'], ['y\u009b31m']], Infinity)
  expect(lines).toEqual(['A\\u001b[2J', 'x\\nNODE  up', 'y\\u009b31m'])
})

test('a cut does not leave half of a character', () => {
  const lines = renderTable([{ title: 'NAME' }], [['1234567😀😀']], 9)
  expect(lines[1]).toBe('1234567…')
})

test('columns that can be spared go before any is cut, those with the highest number first', () => {
  const spared = [{ title: 'NAME' }, { title: 'IP', spare: 1 }, { title: 'VERSION', spare: 2 }]
  const row = [['pg-main-1', '10.0.0.1', '0.1.0']]
  expect(renderTable(spared, row, 28)[0]).toBe('NAME       IP        VERSION')
  expect(renderTable(spared, row, 27)[0]).toBe('NAME       IP')
  expect(renderTable(spared, row, 18)[0]).toBe('NAME')
})

test('a column that has nothing to say can be left out', () => {
  const notes = [{ title: 'NAME' }, { title: 'NOTES', onlyIfFilled: true }]
  expect(renderTable(notes, [['a', '']], Infinity)).toEqual(['NAME', 'a'])
  expect(renderTable(notes, [['a', 'x']], Infinity)[0]).toBe('NAME  NOTES')
})

test('colours are shown only where they were asked for, and do not count as width', () => {
  const toned = [{ title: 'STATE', tone: () => 'bad' as const }, { title: 'N' }]
  expect(renderTable(toned, [['up', '1']], Infinity)[1]).toBe('up     1')
  expect(renderTable(toned, [['up', '1']], Infinity, true)[1]).toBe('\u001b[31mup\u001b[0m     1')
})

test('wide characters take two columns of a terminal, and marks none', () => {
  const lines = renderTable(
    [{ title: 'NAME' }, { title: 'N' }],
    [
      ['日本', '1'],
      ['é'.normalize('NFD'), '2'],
    ],
    40,
  )
  expect(lines).toEqual(['NAME  N', '日本  1', `${'é'.normalize('NFD')}     2`])
})
