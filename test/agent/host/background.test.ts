import { expect, test } from 'vitest'
import { createBackgroundJob } from '../../../agent/host/background.ts'
import type { BackgroundJob, BackgroundWork } from '../../../agent/host/background.ts'
import { createThreadBudget } from '../../../agent/host/threads.ts'
import type { ThreadBudget } from '../../../agent/host/threads.ts'
import type { SampleTable } from '../../../common/series/sample-table.ts'
import { createManualClock, settled } from '../../manual-clock.ts'
import type { ManualClock } from '../../manual-clock.ts'

const found: readonly SampleTable[] = [
  { metrics: ['found'], labelNames: [], rows: [{ labels: [], values: [1] }] },
]

const nothing = (): Promise<undefined> => Promise.resolve(undefined)

function createJob(
  clock: ManualClock,
  work: Partial<BackgroundWork>,
  threads: ThreadBudget = createThreadBudget(),
): BackgroundJob & { readonly runs: () => number } {
  let runs = 0
  const { collect = () => Promise.resolve(found), ...rest } = work
  const job = createBackgroundJob(
    {
      name: 'work',
      everyMs: 60_000,
      maxEveryMs: 300_000,
      share: 0.001,
      slow: false,
      ...rest,
      collect: (pauses) => {
        runs++
        return collect(pauses)
      },
    },
    { clock, threads, slowFiles: { reads: 0, value: nothing, bytes: nothing } },
  )
  return { ...job, runs: () => runs }
}

test('it runs once in its period, and its figures are served with their age in between', async () => {
  const clock = createManualClock()
  const job = createJob(clock, {})
  await job.start()
  await clock.advance(59_000)
  expect(job.start()).toBeUndefined()
  expect(job.latest()).toMatchObject({ tables: found, ageSeconds: 59, failure: undefined })
  await clock.advance(1_000)
  await job.start()
  expect(job.runs()).toBe(2)
  expect(job.latest().ageSeconds).toBe(0)
})

test('the dearer a run, the later the next one, within limits', async () => {
  const clock = createManualClock()
  const costing = (ms: number): BackgroundJob & { readonly runs: () => number } =>
    createJob(clock, {
      collect: async () => {
        await clock.advance(ms)
        return found
      },
    })
  const [cheap, dear, dearest] = [costing(1), costing(100), costing(5000)]
  for (const job of [cheap, dear, dearest]) await job.start()
  await clock.advance(60_000)
  expect(cheap.start()).toBeDefined()
  expect(dear.start()).toBeUndefined()
  await clock.advance(40_000)
  expect(dear.start()).toBeDefined()
  expect(dearest.start()).toBeUndefined()
  await clock.advance(200_000)
  expect(dearest.start()).toBeDefined()
})

test('one that fails says so, has no figures, and is tried again', async () => {
  const clock = createManualClock()
  let broken = true
  const job = createJob(clock, {
    collect: () => (broken ? Promise.reject(new Error('EIO')) : Promise.resolve(found)),
  })
  await job.start()
  expect(job.latest()).toMatchObject({ tables: [], failure: 'EIO' })
  broken = false
  await clock.advance(60_000)
  await job.start()
  expect(job.latest()).toMatchObject({ tables: found, failure: undefined })
})

test('one that hangs is not started again, says so, and its old figures end', async () => {
  const clock = createManualClock()
  const answer = Promise.withResolvers<readonly SampleTable[]>()
  const job = createJob(clock, {
    slow: true,
    collect: () => (job.runs() === 2 ? answer.promise : Promise.resolve(found)),
  })
  await job.start()
  await clock.advance(60_000)
  void job.start()
  await clock.advance(31_000)
  expect(job.start()).toBeUndefined()
  expect(job.latest()).toMatchObject({ tables: found, failure: 'no answer from a device or a disk' })
  await clock.advance(100_000)
  expect(job.latest().tables).toEqual([])
  answer.resolve(found)
  await settled()
  expect(job.latest()).toMatchObject({ tables: found, failure: undefined })
})

test('work that may hang takes a thread while there are two to take; other work needs none', async () => {
  const clock = createManualClock()
  const threads = createThreadBudget()
  const hang = (): Promise<never> => new Promise(() => undefined)
  for (let i = 0; i < 2; i++) {
    expect(createJob(clock, { slow: true, collect: hang }, threads).start()).toBeDefined()
  }
  expect(createJob(clock, { slow: true }, threads).start()).toBeUndefined()
  await createJob(clock, { slow: false }, threads).start()
  // A local file system may still be asked.
  expect(threads.take(3)).toBe(true)
})

test('a run in a hurry comes before its time', async () => {
  const clock = createManualClock()
  const job = createJob(clock, {})
  await job.start()
  job.hurry()
  await job.start()
  expect(job.runs()).toBe(2)
})
