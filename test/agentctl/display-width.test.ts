import { expect, test } from 'vitest'
import { cut, displayWidth, padded } from '../../agentctl/display-width.ts'

test.each([
  ['pg-main-1', 9],
  ['größe', 5],
  ['größe'.normalize('NFD'), 5],
  ['売上', 4],
  ['🐘', 2],
])('%s takes as many columns as a terminal gives it', (text, width) => {
  expect(displayWidth(text)).toBe(width)
})

test('text is filled up to columns, not to characters', () => {
  expect(padded('売上', 6)).toBe('売上  ')
  expect(padded('sales', 3)).toBe('sales')
})

test('a line is never cut in the middle of a character, nor longer than asked', () => {
  expect(cut('a🐘bc', 3)).toBe('a…')
  expect(cut('売上表', 5)).toBe('売上…')
  expect(cut('売上表', 4)).toBe('売…')
  expect(cut('売上', 4)).toBe('売上')
})
