import { expect, test } from 'vitest'
import { migrate } from '../../../collector/migrate/migrate.ts'
import type { Progress, ProgressFile } from '../../../collector/migrate/progress.ts'
import type { Source, Target } from '../../../collector/migrate/ends.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import type { Clock } from '../../../common/clock.ts'

const hourMs = 3_600_000
const task = { from: 'here', to: 'there', match: [] }
const stepped: Clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() }

/** A sample each hour, from `windows` windows of two hours. */
function start(windows = 5) {
  const times = Array.from({ length: windows * 2 }, (_, i) => i * hourMs)
  const written: number[] = []
  const asked: string[] = []
  const failures: Error[] = []
  let stored: Progress | undefined
  const between = (all: readonly number[], fromMs: number, toMs: number) =>
    all.filter((time) => time >= fromMs && time <= toMs)
  async function* pieces(all: readonly number[]): AsyncGenerator<SeriesSamples> {
    const timestamps = Float64Array.from(new Set(all))
    if (timestamps.length > 0)
      yield await Promise.resolve({ labels: ['__name__', 'a'], timestamps, values: timestamps })
  }
  const source: Source = {
    async *read(_, fromMs, toMs) {
      asked.push(`${fromMs / hourMs}-${(toMs + 1) / hourMs}`)
      const failure = failures.shift()
      if (failure !== undefined) throw failure
      yield* pieces(between(times, fromMs, toMs))
    },
    bounds: () => Promise.resolve({ fromMs: undefined, toMs: undefined }),
  }
  const target: Target = {
    isExact: true,
    read: (_, fromMs, toMs) => pieces(between(written, fromMs, toMs)),
    write: ({ timestamps }) => Promise.resolve(void written.push(...timestamps)),
    settle: () => Promise.resolve(),
  }
  const progress: ProgressFile = {
    read: () => Promise.resolve(stored),
    write: (given) => Promise.resolve(void (stored = given)),
    remove: () => Promise.resolve(void (stored = undefined)),
  }
  const endMs = windows * 2 * hourMs - 1
  const fresh = { ...task, startMs: 0, endMs, phase: 'copy' as const, nextMs: 0, samples: 0, nan: 0, more: 0 }
  return {
    ...{ asked, written, failures },
    stored: () => stored,
    run: () => {
      const tell = () => undefined
      return migrate({ source, target, selectors: [], begun: stored, fresh, progress, clock: stepped, tell })
    },
  }
}

test('window by window, then both sides again; nothing is left of the progress', async () => {
  const { run, asked, stored } = start(2)
  expect(await run()).toEqual({ samples: 4, nan: 0, more: 0, differences: 0 })
  expect(asked).toEqual(['0-2', '2-4', '0-2', '2-4'])
  expect(stored()).toBeUndefined()
})

test('a source that is away for a moment is asked again, one that refuses ends it where it was', async () => {
  const { run, asked, failures, stored } = start(3)
  failures.push(new PgherdError('UNREACHABLE', 'away'), new PgherdError('UNREACHABLE', 'away'))
  expect(await run()).toMatchObject({ differences: 0 })
  expect(asked.slice(0, 4)).toEqual(['0-2', '0-2', '0-2', '2-4'])

  failures.push(new PgherdError('REFUSED', 'no'))
  await expect(run()).rejects.toThrow('no')
  expect(stored()).toMatchObject({ phase: 'copy', nextMs: 0 })
})

test('what was killed goes on with the window that was not done', async () => {
  const { run, asked, failures, stored } = start(3)
  const original = failures.shift.bind(failures)
  let reads = 0
  failures.shift = () => (++reads === 2 ? new Error('killed') : original())
  await expect(run()).rejects.toThrow('killed')
  expect(stored()).toMatchObject({ nextMs: 2 * hourMs, samples: 2 })
  asked.length = 0
  expect(await run()).toEqual({ samples: 6, nan: 0, more: 0, differences: 0 })
  expect(asked.slice(0, 2)).toEqual(['2-4', '4-6'])
})

test('of a series with more samples in the target, only that is known, and it is told', async () => {
  const { run, written } = start(2)
  written.push(1)
  expect(await run()).toMatchObject({ differences: 0, more: 1 })
})

test('a sample that the target has lost is told', async () => {
  const { run, written } = start(2)
  const push = written.push.bind(written)
  written.push = (...times) => push(...times.filter((time) => time !== 3 * hourMs))
  expect(await run()).toMatchObject({ differences: 1 })
})
