import { expect, test } from 'vitest'
import { followKeys } from '../../../../collector/web/state/key-sequences.ts'

function typist() {
  const done: string[] = []
  const shortcut = (keys: string) => ({ keys, what: keys, run: () => done.push(keys) })
  const take = followKeys(['g a', 'g c', '/', 'a'].map(shortcut))
  return { done, take }
}

test('one key, and two keys one after the other', () => {
  const { done, take } = typist()
  expect(take('/', 0)).toBe(true)
  expect(take('g', 10)).toBe(true)
  expect(take('a', 20)).toBe(true)
  expect(done).toEqual(['/', 'g a'])
})

test('a key that begins nothing stays the browser’s', () => {
  expect(typist().take('x', 0)).toBe(false)
})

test('what comes too late, or does not go on, begins anew', () => {
  const { done, take } = typist()
  take('g', 0)
  take('a', 5_000)
  take('g', 6_000)
  take('/', 6_010)
  expect(done).toEqual(['a', '/'])
})
