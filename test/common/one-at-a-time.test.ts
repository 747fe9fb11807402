import { expect, test } from 'vitest'
import { oneAtATime } from '../../common/one-at-a-time.ts'

function createRuns() {
  const runs: PromiseWithResolvers<string>[] = []
  const ask = oneAtATime(() => {
    const run = Promise.withResolvers<string>()
    runs.push(run)
    return run.promise
  })
  return { ask, runs }
}

test('those who ask while it runs share one run that begins afterwards', async () => {
  const { ask, runs } = createRuns()
  const first = ask()
  const others = [ask(), ask(), ask()]
  expect(runs).toHaveLength(1)
  runs[0]!.resolve('first')
  expect(await first).toBe('first')
  // The second run begins in a moment: who asks now is answered by it too.
  others.push(ask())
  await expect.poll(() => runs.length).toBe(2)
  runs[1]!.resolve('second')
  expect(await Promise.all(others)).toEqual(['second', 'second', 'second', 'second'])
  expect(runs).toHaveLength(2)
})

test('a run that fails fails for those who asked for it, and the next one runs', async () => {
  const { ask, runs } = createRuns()
  const first = ask()
  const second = ask()
  runs[0]!.reject(new Error('no'))
  await expect(first).rejects.toThrow('no')
  await expect.poll(() => runs.length).toBe(2)
  runs[1]!.resolve('second')
  expect(await second).toBe('second')
})
