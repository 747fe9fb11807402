import { statfs } from 'node:fs/promises'
import type { Clock } from '../../common/clock.ts'
import { withinDeadline } from '../../common/deadline.ts'
import { messageOf } from '../../common/errors.ts'
import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { createBackgroundJob } from './background.ts'
import type { BackgroundJob } from './background.ts'
import { createCollectors } from './collectors.ts'
import type { Collector } from './collectors.ts'
import { createFilesystemReader } from './filesystem.ts'
import type { StatFilesystem } from './filesystem.ts'
import { createJobs } from './jobs.ts'
import { absentMs, createKernelFiles, isAbsence } from '../../common/kernel/kernel-files.ts'
import { createMountsReader } from './mounts.ts'
import type { Link } from './netclass.ts'
import { readPageSize } from '../../common/kernel/page-size.ts'
import { createSlowFiles } from './slow-files.ts'
import { createThreadBudget } from './threads.ts'

export interface HostOptions {
  readonly clock: Clock
  /** Where /proc, /sys, /run and /etc lie; `/` unless told. */
  readonly root?: string
  readonly statfs?: StatFilesystem
}

export interface HostMeasurement {
  readonly tables: readonly SampleTable[]
  /** What could not be measured, by collector; an interface that this kernel does not have is not listed. */
  readonly failures: ReadonlyMap<string, string>
}

/**
 * Measures the machine: what the kernel says in /proc and /sys, under node_exporter's names. No process is spawned.
 * It never rejects; each collector fails for itself. Disposing closes the files that are kept open.
 */
export interface MeasureHost extends Disposable {
  (timeoutMs: number): Promise<HostMeasurement>
}

/**
 * A device or a mount that has not answered after this long hangs, however much time a look at everything (`--once`)
 * has.
 */
const maxWaitMs = 2000

const reportMetrics = ['node_scrape_collector_duration_seconds', 'node_scrape_collector_success']
const reportLabelNames = ['collector']
const ageMetrics = ['pgherd_host_collector_age_seconds']

/** Most of what the kernel tells is read at each scrape; see `createCollectors` and, for the rest, `createJobs`. */
export function createHost(options: HostOptions): MeasureHost {
  const { clock, root = '/' } = options
  const files = createKernelFiles(root, () => clock.monotonic())
  const slowFiles = createSlowFiles(root)
  const threads = createThreadBudget()
  let links = new Map<string, Link>()
  let timeZone: Buffer | undefined
  const jobs = createJobs({
    files,
    slowFiles,
    onLinks: (found) => (links = new Map(found)),
    onTimeZone: (found) => (timeZone = found),
  }).map((work) => ({ job: createBackgroundJob(work, { clock, threads, slowFiles }), labels: [work.name] }))
  const linkJob = jobs.find(({ job }) => job.name === 'links')
  const collectors = createCollectors({
    clock,
    files,
    pageBytes: readPageSize(),
    links: () => links,
    onChange: (device) => {
      links.delete(device)
      linkJob?.job.hurry()
    },
    timeZone: () => timeZone,
  }).map((collector) => ({ collect: createKeeping(collector, clock), labels: [collector.name] }))
  const readMounts = createMountsReader(files)
  const readFilesystems = createFilesystemReader({
    clock,
    threads,
    statfs: options.statfs ?? ((path) => statfs(path)),
  })
  const filesystemLabels = ['filesystem']

  const measure = async (timeoutMs: number): Promise<HostMeasurement> => {
    const waitMs = Math.min(timeoutMs / 5, maxWaitMs)
    const tables: SampleTable[] = []
    const failures = new Map<string, string>()
    const report: SampleRow[] = []
    const ages: SampleRow[] = []
    /** @returns whether there was something to say */
    const take = (found: readonly SampleTable[]): boolean => {
      const before = tables.length
      for (const table of found) if (table.rows.length > 0) tables.push(table)
      return tables.length > before
    }
    const tell = (labels: readonly string[], seconds: number, failure?: string): void => {
      report.push({ labels, values: [seconds, failure === undefined ? 1 : 0] })
      if (failure !== undefined) failures.set(labels[0]!, failure)
    }
    const sinceSeconds = (startedMs: number): number => (clock.monotonic() - startedMs) / 1000

    // Before the collectors, some of which show what these find.
    await startAll(jobs, waitMs, clock)
    for (const { job, labels } of jobs) {
      const { tables: found, ageSeconds, failure, tookSeconds } = job.latest()
      const some = take(found)
      if (!some && failure === undefined) continue
      tell(labels, tookSeconds, failure)
      if (ageSeconds !== undefined) ages.push({ labels, values: [ageSeconds] })
    }
    for (const { collect, labels } of collectors) {
      const startedMs = clock.monotonic()
      try {
        if (take(collect())) tell(labels, sinceSeconds(startedMs))
      } catch (error) {
        tell(labels, sinceSeconds(startedMs), messageOf(error))
      }
    }
    const startedMs = clock.monotonic()
    try {
      if (take(await readFilesystems(readMounts(), waitMs))) {
        tell(filesystemLabels, sinceSeconds(startedMs))
      }
    } catch (error) {
      if (!isAbsence(error)) tell(filesystemLabels, sinceSeconds(startedMs), messageOf(error))
    }
    tables.push({ metrics: reportMetrics, labelNames: reportLabelNames, rows: report })
    take([{ metrics: ageMetrics, labelNames: reportLabelNames, rows: ages }])
    return { tables, failures }
  }
  return Object.assign(measure, { [Symbol.dispose]: () => files[Symbol.dispose]() })
}

/** Starts what is due, one after the other, and waits for it until the deadline; what is late goes on aside. */
async function startAll(
  jobs: readonly { readonly job: BackgroundJob }[],
  timeoutMs: number,
  clock: Clock,
): Promise<void> {
  const untilMs = clock.monotonic() + timeoutMs
  for (const { job } of jobs) {
    const work = job.start()
    const leftMs = untilMs - clock.monotonic()
    if (work !== undefined && leftMs > 0) await withinDeadline(work, leftMs, clock)
  }
}

/** Tables of a collector, kept for its period; an interface that the kernel lacks is left alone for some minutes. */
function createKeeping({ everyMs, collect }: Collector, clock: Clock): () => readonly SampleTable[] {
  let kept: readonly SampleTable[] = []
  let dueAtMs = -Infinity
  return () => {
    const nowMs = clock.monotonic()
    if (nowMs < dueAtMs) return kept
    kept = []
    try {
      const found = collect()
      if (everyMs > 0) {
        kept = found
        dueAtMs = nowMs + everyMs
      }
      return found
    } catch (error) {
      if (!isAbsence(error)) throw error
      dueAtMs = nowMs + absentMs
      return kept
    }
  }
}
