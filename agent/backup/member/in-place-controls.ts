import { dirname } from 'node:path'
import type { BackupRun } from '../../../common/backup/backup-run.ts'
import type { ServerManager } from '../../../common/backup/server-manager.ts'
import { BackupFailure } from '../backup-failure.ts'
import { confirmRestored, planConfirm } from '../restore/in-place/confirm-restored.ts'
import type { ConfirmPlan } from '../restore/in-place/confirm-restored.ts'
import { inPlaceLines, ownUnit, readInPlaceFacts } from '../restore/in-place/in-place-plan.ts'
import type { InPlaceNames } from '../restore/in-place/in-place-plan.ts'
import type { KeptDirectories } from '../restore/in-place/kept-directories.ts'
import type { NotedInPlace } from '../restore/in-place/noted.ts'
import { beside, inodeOf } from '../restore/in-place/place-names.ts'
import { checkExchange } from '../restore/in-place/preflight.ts'
import { restoreInPlace } from '../restore/in-place/restore-in-place.ts'
import type { ServerCommands } from '../restore/in-place/restore-in-place.ts'
import { serverAway } from '../restore/in-place/server-away.ts'
import type { RestorePlan } from '../restore/restore-plan.ts'
import type { AskOptions } from '../runs/cluster-backups.ts'
import { liveServer } from '../server/live-server.ts'
import { postmasterPid } from '../server/local-server.ts'
import type { ClusterMember } from './cluster-member.ts'
import type { MemberEnvironment } from './environment.ts'
import { planContext, readyOf, readyToRestore, restoreAsked } from './member-controls.ts'
import type { RestoreAsked } from './member-controls.ts'
import { planRestore } from './plan-work.ts'

/** What a restore in place needs of the host, beside what all backup work has. */
export interface InPlaceHost {
  readonly commands: ServerCommands
  readonly keptDirectories: KeptDirectories
}

interface InPlacePlan {
  readonly plan: RestorePlan
  readonly names: InPlaceNames
  readonly lines: readonly string[]
}

/** Everything that can be known before anything is touched. @throws BackupFailure with what is in the way */
export async function planInPlace(
  member: ClusterMember,
  environment: MemberEnvironment,
  host: InPlaceHost,
  asked: Omit<RestoreAsked, 'into'>,
  options: { readonly manager: ServerManager | undefined; readonly signal: AbortSignal },
): Promise<InPlacePlan> {
  const { manager, signal } = options
  const { prepared, backups } = readyToRestore(member)
  const running = backups.running()
  if (running !== null) throw new BackupFailure('locked', `another run is under way here: ${running.text}`)
  const data = prepared.server.dataDirectory
  const facts = await readInPlaceFacts(environment.ask, signal).catch(async (error: unknown) => {
    const { policy } = member
    throw serverAway(error, {
      ...{ cluster: policy.cluster, node: environment.node, data },
      hasPatroni: manager !== undefined,
      hasDirectory: (await inodeOf(data)) !== undefined,
    })
  })
  await checkExchange(data, {
    isManaged: manager !== undefined,
    hasStartCommand: host.commands.start !== undefined,
    ownUnit: await ownUnit(),
  })
  const nowMs = environment.clock.now()
  const names = { data, kept: beside(data, 'before', nowMs), fresh: beside(data, 'restored', nowMs) }
  const context = planContext(member, environment, signal)
  const plan = await planRestore(restoreAsked({ ...asked, into: names.fresh }), context)
  const lines = inPlaceLines(plan, names, facts, manager?.name, host.commands.start)
  return { plan, names, lines }
}

/** Under the cluster's lock, so that no other run takes the repository or the disk meanwhile. */
export async function restoreMemberInPlace(
  member: ClusterMember,
  environment: MemberEnvironment,
  host: InPlaceHost,
  asked: Omit<RestoreAsked, 'into'>,
  options: AskOptions & {
    readonly manager: ServerManager | undefined
    readonly mustUndo: (noted: NotedInPlace) => Promise<void>
  },
): Promise<BackupRun> {
  const { prepared, backups } = readyToRestore(member)
  const { policy } = member
  const { clock, ask } = environment
  const { plan, names } = await planInPlace(member, environment, host, asked, options)
  return backups.runExclusively(
    'restore',
    async (work) => {
      const pid = await postmasterPid(names.data)
      const live = await liveServer(ask, pid, work.signal)
      return restoreInPlace(
        plan,
        names,
        {
          ...host,
          cluster: policy.cluster,
          restore: {
            engine: backups.engine,
            live,
            user: prepared.user,
            binDirectory: environment.binDirectory,
            nice: policy.nice,
            timeoutMs: policy.restore.timeoutMs,
            clock,
          },
          ask,
          manager: options.manager,
          clock,
          mustUndo: options.mustUndo,
        },
        work,
      )
    },
    options,
  )
}

/** What a confirmation would delete. @throws BackupFailure */
export async function planConfirmation(member: ClusterMember, host: InPlaceHost): Promise<ConfirmPlan> {
  const { backups } = readyOf(member)
  return planConfirm(member.policy.cluster, host.keptDirectories, await backups.listing(0))
}

/** @returns the directories that were deleted. @throws BackupFailure configuration, with what speaks against it */
export async function confirmMember(
  member: ClusterMember,
  host: InPlaceHost,
  force: boolean,
): Promise<readonly string[]> {
  const plan = await planConfirmation(member, host)
  if (plan.problems.length > 0 && !force) throw new BackupFailure('configuration', plan.problems.join('; '))
  return confirmRestored(plan, host.keptDirectories)
}

/** For a plan: where the room of what is deleted becomes free. */
export function confirmLines({ kept, problems }: ConfirmPlan, force: boolean): readonly string[] {
  return [
    ...(kept.length > 1
      ? [
          `${kept.length} directories are kept, of so many restores in place; all of them go, also the oldest, with the data from before the first of these restores.`,
        ]
      : []),
    ...kept.map(
      (one) =>
        `DELETES ${one.kept}, the data from before the restore of ${new Date(one.restoredMs).toISOString()}, in ${dirname(one.kept)}`,
    ),
    ...problems.map((problem) => (force ? `although ${problem}` : `REFUSED: ${problem}`)),
  ]
}
