import type { BackupSet } from '../../../common/backup/backup-report.ts'
import type { BackupRun } from '../../../common/backup/backup-run.ts'
import { checkType } from '../basebackup/check-type.ts'
import { chooseSet } from '../drill/choose-set.ts'
import { checkSpace, mebibytes, neededBytes } from '../drill/space.ts'
import { usualSegmentBytes } from '../engine/segments.ts'
import { planRestoreInto } from '../restore/restore-plan.ts'
import type { RestoreIntoAsked, RestorePlan } from '../restore/restore-plan.ts'
import type { ClusterBackups } from '../runs/cluster-backups.ts'
import { checkRepository } from '../runs/known-repository.ts'
import { isBackup } from '../runs/slot.ts'
import type { Slot } from '../runs/slot.ts'

export interface PlanContext {
  readonly backups: ClusterBackups
  /** Of this member, the newest last. */
  readonly runs: readonly BackupRun[]
  readonly signal: AbortSignal
}

/** What one operation would do, in lines. @throws BackupFailure for what cannot be done */
export async function planWork(
  operation: Slot['operation'],
  repository: number | undefined,
  context: PlanContext,
): Promise<readonly string[]> {
  const { backups, signal } = context
  const { policy, engine } = backups
  const { cluster } = policy
  if (isBackup(operation) && engine.kind === 'pg_basebackup') checkType(operation)
  const listing = await backups.listing(0)
  await checkKnown(repository, backups)
  const where = (number: number): string => {
    const found = listing.repositories.find((one) => one.repository === number)
    return found === undefined ? `repository ${number}` : `repository ${number} (${found.where})`
  }
  const which = repository === undefined ? 'all repositories' : where(repository)
  const common = [...turnLine(context), ...busyLine(context), lastLine(operation, context)]
  if (isBackup(operation)) {
    const hasFull = listing.sets.some(
      ({ type, repository: of }) => type === 'full' && of === (repository ?? 1),
    )
    return [
      `makes a backup (${operation}) of ${cluster} into ${where(repository ?? 1)}`,
      ...(operation !== 'full' && !hasFull ? ['there is no full backup there yet, so it becomes one'] : []),
      ...common,
    ]
  }
  switch (operation) {
    case 'verify':
      return [
        `reads ${listing.sets.length} backups and their archive in ${which}, which takes as long as reading all of it`,
        ...common,
      ]
    case 'expire': {
      const gone = await engine.expire({
        signal,
        isDryRun: true,
        ...(repository === undefined ? {} : { repository }),
      })
      if (gone.length === 0) return ['nothing is older than the retention']
      const stay = listing.sets.filter(({ label }) => !gone.includes(label))
      return [`deletes ${gone.join(', ')} from ${which}`, staysLine(stay)]
    }
    case 'drill': {
      const { set, walBytes } = chooseSet(listing, repository, usualSegmentBytes)
      const needed = neededBytes(set.sizeBytes ?? 0, walBytes)
      await checkSpace(policy.drill.directory, needed, { percent: policy.drill.keepFreePercent })
      return [
        `restores ${set.label} from ${where(set.repository)} into a directory of its own in ${policy.drill.directory}, about ${mebibytes(needed)}`,
        'starts a server there that nobody else can reach, looks at it, and removes all of it',
        ...common,
      ]
    }
  }
}

/** What an expiry takes away beside backups: the log before the oldest one that stays. */
function staysLine(stay: readonly BackupSet[]): string {
  const [oldest] = stay.toSorted((a, b) => a.finishedMs - b.finishedMs)
  return oldest === undefined
    ? 'NO BACKUP stays'
    : `the oldest backup that stays is ${oldest.label}: no point before ${new Date(oldest.finishedMs).toISOString()} can be restored then`
}

/** @throws BackupFailure */
export async function planRestore(asked: RestoreIntoAsked, context: PlanContext): Promise<RestorePlan> {
  const { backups, runs, signal } = context
  await checkKnown(asked.repository, backups)
  const plan = await planRestoreInto(asked, { engine: backups.engine, history: runs, signal })
  return { ...plan, lines: [...plan.lines, ...busyLine(context)] }
}

/** A configuration that is somebody else's says itself which repositories there are. @throws BackupFailure configuration for another */
async function checkKnown(repository: number | undefined, backups: ClusterBackups): Promise<void> {
  if (repository === undefined) return
  const own = backups.policy.repositories.map((_, i) => i + 1)
  const known = own.length > 0 ? own : (await backups.listing(0)).repositories.map((one) => one.repository)
  checkRepository(repository, known)
}

function turnLine({ backups }: PlanContext): readonly string[] {
  const { isRunner, reason } = backups.turn()
  return isRunner ? [] : [`by the schedule it is not this member's turn: ${reason}`]
}

function busyLine({ backups }: PlanContext): readonly string[] {
  const running = backups.running()
  return running === null ? [] : [`REFUSED: another run is under way here: ${running.text}`]
}

function lastLine(operation: Slot['operation'], { runs }: PlanContext): string {
  const last = runs.findLast((run) => run.operation === operation && run.outcome === 'done')
  if (last?.finishedMs == null) return 'how long it takes is not known here yet'
  const seconds = ((last.finishedMs - last.startedMs) / 1000).toFixed(0)
  return `the last one here took ${seconds} s, at ${new Date(last.startedMs).toISOString()}`
}
