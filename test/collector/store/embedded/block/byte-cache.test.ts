import { expect, it } from 'vitest'
import { createByteCache } from '../../../../../collector/store/embedded/block/byte-cache.ts'

it('makes room by dropping what was used least recently', () => {
  const cache = createByteCache<string, number>(100)
  cache.set('a', 1, 40)
  cache.set('b', 2, 40)
  expect(cache.get('a')).toBe(1)
  cache.set('c', 3, 40)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3])
})

it('counts a replaced entry once', () => {
  const cache = createByteCache<string, number>(100)
  cache.set('a', 1, 10)
  for (let i = 0; i < 20; i++) cache.set('b', i, 60)
  expect([cache.get('a'), cache.get('b')]).toEqual([1, 19])
})

it('keeps an entry that is larger than everything it may hold, alone', () => {
  const cache = createByteCache<string, number>(100)
  cache.set('small', 1, 10)
  cache.set('huge', 2, 1000)
  expect([cache.get('small'), cache.get('huge')]).toEqual([undefined, 2])
  cache.set('next', 3, 10)
  expect([cache.get('huge'), cache.get('next')]).toEqual([undefined, 3])
})

it('forgets a deleted entry and its bytes', () => {
  const cache = createByteCache<string, number>(100)
  cache.set('a', 1, 90)
  cache.delete('a')
  cache.set('b', 2, 50)
  cache.set('c', 3, 50)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, 2, 3])
})
