import { expect, test } from 'vitest'
import { renderTable } from '../../agentctl/table.ts'
import { printAge } from '../../agentctl/terminal.ts'

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

test.each([
  [400, '0s'],
  [59_000, '59s'],
  [125_000, '2m05s'],
  [15_120_000, '4h12m'],
  [788_400_000, '9d3h'],
  [-5000, '0s'],
])('%d ms are printed as %s', (ms, text) => {
  expect(printAge(ms)).toBe(text)
})
