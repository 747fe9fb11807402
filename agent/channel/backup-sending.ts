import type { BackupReport } from '../../common/backup/backup-report.ts'
import type { Clock } from '../../common/clock.ts'

/** Who knows the backups of this host's clusters. Nothing here throws or waits. */
export interface ChannelBackups {
  reports(): readonly BackupReport[]
  /** Called when a run begins or ends, or a repository changes; not at each step of its progress. */
  subscribe(listener: () => void): Disposable
}

/** Between two reports of which nothing has changed; the collector takes a report for old after three. */
const everyMs = 60_000
/** While something runs, for who looks on. */
const whileRunningMs = 5_000
/** Between two messages, however much changes. */
const restMs = 1_000

/** Given as reason, because an abort without one makes an error with its stack. */
const changed = Symbol('changed')

/** Tells the reports at once, at every change and each minute, until the signal aborts. */
export async function sendBackups(
  backups: ChannelBackups,
  about: {
    readonly send: (message: { readonly type: 'backup'; readonly report: BackupReport }) => void
    readonly clock: Clock
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { send, clock, signal } = about
  let change = new AbortController()
  using stack = new DisposableStack()
  stack.use(backups.subscribe(() => change.abort(changed)))
  const isOver = (): boolean => signal.aborted
  while (!isOver()) {
    change = new AbortController()
    const reports = backups.reports()
    for (const report of reports) send({ type: 'backup', report })
    await clock.sleep(restMs, signal)
    const isRunning = reports.some(({ running }) => running !== null)
    const waitMs = (isRunning ? whileRunningMs : everyMs) - restMs
    await clock.sleep(waitMs, AbortSignal.any([signal, change.signal]))
  }
}
