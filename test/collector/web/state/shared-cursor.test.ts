import { expect, test } from 'vitest'
import { sharedCursor } from '../../../../collector/web/state/shared-cursor.ts'

test('a move is told once to everyone who listens, and to no one who has stopped', () => {
  const cursor = sharedCursor()
  const first: (number | null)[] = []
  const second: (number | null)[] = []
  cursor.subscribe((at) => first.push(at))
  const stop = cursor.subscribe((at) => second.push(at))
  cursor.move(10)
  cursor.move(10)
  stop()
  cursor.move(null)
  expect(first).toEqual([10, null])
  expect(second).toEqual([10])
  expect(cursor.at).toBeNull()
})
