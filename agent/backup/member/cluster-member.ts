import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import type { BackupReport } from '../../../common/backup/backup-report.ts'
import { messageOf } from '../../../common/errors.ts'
import type { DrillResult } from '../drill/drill-result.ts'
import { createDrill } from '../drill/run-drill.ts'
import type { EngineListing } from '../engine.ts'
import { scheduleOf } from '../policy/schedule.ts'
import { buildReport } from '../report/build-report.ts'
import type { ArchiveState } from '../report/build-report.ts'
import { createClusterBackups } from '../runs/cluster-backups.ts'
import type { ClusterBackups, Lane } from '../runs/cluster-backups.ts'
import { heldBackBy } from '../runs/held-back.ts'
import { archiveState } from '../server/archive-state.ts'
import { liveServer } from '../server/live-server.ts'
import { loadReadings } from '../server/load-readings.ts'
import { postmasterPid } from '../server/local-server.ts'
import { createEngine } from './create-engine.ts'
import type { MemberEnvironment } from './environment.ts'
import { notReady } from './not-ready.ts'
import { prepareEngine } from './prepared-engine.ts'
import type { Prepared } from './prepared-engine.ts'

/** The backup work of one cluster on this host, from its policy. */
export interface ClusterMember {
  readonly policy: BackupPolicy
  /** Undefined until the server was found and the engine's configuration is there; then why not. */
  readonly ready: () => ReadyMember | undefined
  readonly problem: () => string | undefined
  /** The newest report; undefined before the first. */
  report(): BackupReport | undefined
  /** Asks the repositories now. @throws BackupFailure */
  freshReport(): Promise<BackupReport>
  drillResult(): DrillResult | undefined
  /**
   * Writes the engine's configuration again where it is not what the policy says, as after a change of a secret; nothing before the first
   * time. @throws BackupFailure or PgherdError as `prepareEngine`
   */
  renewConfig(): Promise<void>
  /** Follows the schedule until the signal aborts, and ends what runs then. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

export interface ReadyMember {
  readonly prepared: Prepared
  readonly backups: ClusterBackups
}

const reportMs = 60_000
const listingAgeMs = 5 * 60_000
const prepareAgainMs = 15_000
const unknownArchive: ArchiveState = {
  waitingSegments: null,
  waitingBytes: null,
  failingSinceMs: null,
  lastFailure: null,
}

/** @param onChange told when a run begins or ends, and when the report is renewed */
export function createClusterMember(
  policy: BackupPolicy,
  environment: MemberEnvironment,
  options: { readonly lane: Lane; readonly onChange: () => void },
): ClusterMember {
  const { clock, log, node, journal, ask, health } = environment
  const schedule = scheduleOf(policy)
  let ready: ReadyMember | undefined
  let problem: string | undefined
  let listing: EngineListing | undefined
  let archive: ArchiveState = unknownArchive
  let drillResult: DrillResult | undefined
  let wake = new AbortController()

  const load = () => loadReadings(ask, health())
  const lastGoodDrill = (): number | null => {
    const run = journal.runs().findLast((one) => {
      return one.cluster === policy.cluster && one.operation === 'drill' && one.outcome === 'done'
    })
    return run?.finishedMs == null ? null : run.finishedMs / 1000
  }
  const open = (prepared: Prepared) => {
    const { version, user, server } = prepared
    log.info({ cluster: policy.cluster, version }, 'backup: the policy is followed')
    const engine = createEngine(policy, prepared, environment)
    const drill = createDrill({
      policy,
      engine,
      user,
      binDirectory: environment.binDirectory,
      live: async (signal) => liveServer(ask, await postmasterPid(server.dataDirectory), signal),
      heldBack: async () => heldBackBy(policy.guard, await load()),
      clock,
      onResult(result) {
        const isGood = result.problem === null
        drillResult = { ...result, lastSuccessSeconds: isGood ? result.finishedSeconds : lastGoodDrill() }
      },
    })
    const backups = createClusterBackups({
      policy,
      node,
      engine,
      drill,
      schedule,
      journal,
      health,
      load,
      clock,
      log,
      lane: options.lane,
      onChange() {
        options.onChange()
        wake.abort()
      },
    })
    ready = { prepared, backups }
    return { engine, backups }
  }
  const build = (): BackupReport | undefined => {
    if (ready === undefined || listing === undefined) return undefined
    const nowMs = clock.now()
    const next = schedule.next(nowMs).map(({ operation, slotMs }) => ({ operation, atMs: slotMs }))
    const runs = journal.runs()
    return buildReport(ready.backups, { node, nowMs, listing, runs, next, archive })
  }
  const renew = async (backups: ClusterBackups, maxAgeMs: number): Promise<void> => {
    listing = await backups.listing(maxAgeMs)
    archive = await archiveState(ask).catch(() => unknownArchive)
  }
  const keepReporting = async (backups: ClusterBackups, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      wake = new AbortController()
      await renew(backups, listingAgeMs).catch((error: unknown) => {
        if (!signal.aborted) log.warn({ cluster: policy.cluster }, `backup: ${messageOf(error)}`)
      })
      if (!wake.signal.aborted) options.onChange()
      await clock.sleep(reportMs, AbortSignal.any([signal, wake.signal]))
    }
  }
  const untilPrepared = async (signal: AbortSignal): Promise<Prepared | undefined> => {
    while (!signal.aborted) {
      try {
        const prepared = await prepareEngine(policy, environment)
        problem = undefined
        return prepared
      } catch (error) {
        const message = messageOf(error)
        if (message !== problem) log.error({ cluster: policy.cluster }, `backup: not yet: ${message}`)
        problem = message
        await clock.sleep(prepareAgainMs, signal)
      }
    }
    return undefined
  }

  return {
    policy,
    ready: () => ready,
    problem: () => problem,
    report: build,
    async freshReport() {
      if (ready !== undefined) await renew(ready.backups, 0)
      const report = build()
      if (report === undefined) throw notReady(policy.cluster, problem)
      return report
    },
    drillResult: () => drillResult,
    async renewConfig() {
      if (ready !== undefined) await prepareEngine(policy, environment)
    },
    async run(signal) {
      const prepared = await untilPrepared(signal)
      if (prepared === undefined) return
      const { engine, backups } = open(prepared)
      await using stack = new AsyncDisposableStack()
      stack.use(engine)
      await Promise.all([backups.run(signal), keepReporting(backups, signal)])
    },
  }
}
