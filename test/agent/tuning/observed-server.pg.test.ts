import { expect, test } from 'vitest'
import { startObserved } from './observed-server.ts'

test('a quiet server gives evidence, and no rule has anything to say about it', async () => {
  await using observed = await startObserved()
  const evidence = await observed.watch(() => Promise.resolve())
  expect(evidence.hoursSinceStart).toBeCloseTo(24, 1)
  expect((await observed.adviceOf(evidence)).ids).toEqual([])
})
