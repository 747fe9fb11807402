import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { describePolicy } from '../policy/describe-policy.ts'
import { readExistingConfig } from '../policy/existing-config.ts'
import { checkExclusive, parseTarget } from '../restore/parse-target.ts'
import type { TargetText } from '../restore/parse-target.ts'
import { restoreInto } from '../restore/restore-into.ts'
import type { RestoreIntoAsked } from '../restore/restore-plan.ts'
import type { AskOptions } from '../runs/cluster-backups.ts'
import { liveServer } from '../server/live-server.ts'
import { postmasterPid } from '../server/local-server.ts'
import type { ClusterMember, ReadyMember } from './cluster-member.ts'
import type { MemberEnvironment } from './environment.ts'
import { notReady, notReadyToRestore } from './not-ready.ts'
import { planRestore } from './plan-work.ts'
import type { PlanContext } from './plan-work.ts'

export interface RestoreAsked {
  readonly target: TargetText & {
    readonly exclusive?: boolean | undefined
    readonly timeline?: string | undefined
  }
  readonly into: string
  readonly set?: string | undefined
  readonly repository?: number | undefined
}

/** What the policy of a member means now, without secrets. */
export async function describeMember(
  member: ClusterMember,
  { clock }: MemberEnvironment,
): Promise<readonly string[]> {
  const { policy } = member
  const prepared = member.ready()?.prepared
  const existing =
    policy.config === 'existing'
      ? await readFile(policy.configFile, 'utf8').then(
          (text) => readExistingConfig(text, policy.stanza),
          () => null,
        )
      : null
  const lines = describePolicy(policy, clock.now(), {
    server: prepared?.server ?? null,
    engineVersion: prepared?.version ?? null,
    existing,
  })
  const problem = member.problem()
  return problem === undefined ? lines : [`NOT FOLLOWED YET: ${problem}`, '', ...lines]
}

/** @throws BackupFailure while the server was not found, or the engine's configuration is not there */
export function readyOf(member: ClusterMember): ReadyMember {
  const ready = member.ready()
  if (ready === undefined) throw notReady(member.policy.cluster, member.problem())
  return ready
}

/** @throws BackupFailure as `readyOf`, with what can be done instead */
export function readyToRestore(member: ClusterMember): ReadyMember {
  const ready = member.ready()
  if (ready === undefined) throw notReadyToRestore(member.policy, member.problem())
  return ready
}

/** The context of plans for one member. */
export function planContext(
  member: ClusterMember,
  { journal, node }: MemberEnvironment,
  signal: AbortSignal,
): PlanContext {
  const { backups } = readyOf(member)
  const runs = journal.runs().filter((run) => run.cluster === member.policy.cluster && run.node === node)
  return { backups, runs, signal }
}

/** @throws PgherdError BAD_REQUEST for a target that cannot be read, or cannot be left out */
export function restoreAsked({ target, into, set, repository }: RestoreAsked): RestoreIntoAsked {
  const parsed = parseTarget(target)
  const isExclusive = target.exclusive === true
  if (isExclusive) checkExclusive(parsed)
  return {
    // A marker and tablespaces lie beside it: what ends in a slash would have them inside.
    directory: resolve(into),
    target: parsed,
    isExclusive,
    action: 'promote',
    ...(target.timeline === undefined ? {} : { timeline: target.timeline }),
    ...(set === undefined ? {} : { label: set }),
    ...(repository === undefined ? {} : { repository }),
  }
}

/** Restores into a directory under the cluster's lock, so that no other run takes the repository or the disk meanwhile. */
export async function restoreMember(
  member: ClusterMember,
  environment: MemberEnvironment,
  asked: RestoreIntoAsked,
  options: AskOptions,
) {
  const { prepared, backups } = readyToRestore(member)
  const { policy } = member
  const plan = await planRestore(asked, planContext(member, environment, options.signal))
  return backups.runExclusively(
    'restore',
    async (work) => {
      const pid = await postmasterPid(prepared.server.dataDirectory)
      const live = await liveServer(environment.ask, pid, work.signal).catch(() => ({}))
      return restoreInto(
        plan,
        {
          engine: backups.engine,
          live,
          user: prepared.user,
          binDirectory: environment.binDirectory,
          nice: policy.nice,
          timeoutMs: policy.restore.timeoutMs,
          clock: environment.clock,
        },
        work,
      )
    },
    options,
  )
}
