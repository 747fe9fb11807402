import { z } from 'zod'
import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import type { ClusterSettings } from '../common/tuning/cluster-settings.ts'
import type { Noted } from './actions/action.ts'
import type { BackupRunOptions, PrepareAsked, PrepareDone } from './actions/backup/controls.ts'
import type { ClusterMember } from './backup/member/cluster-member.ts'
import type { MemberEnvironment } from './backup/member/environment.ts'
import { readyOf } from './backup/member/member-controls.ts'
import { archiveSettings } from './backup/policy/archive-settings.ts'
import { endingOf, planEnding, refusalLines, standbyLines, waiting } from './preparation-text.ts'
import type { Found } from './preparation-text.ts'
import { applySettings, lookAndTry, lookAtSettings } from './tuning/apply-settings.ts'
import type { TunedServer } from './tuning/apply-settings.ts'
import { describePlan, tellChange } from './tuning/describe-plan.ts'
import { notedChange } from './tuning/noted-change.ts'
import { isPatronis } from './tuning/server-settings.ts'
import { undoSettings } from './tuning/undo-settings.ts'
import type { WantedSetting } from './tuning/wanted-setting.ts'

const standbys = `select count(*) from pg_stat_replication where state = 'streaming'`
const readMs = 5_000

/** What an undo needs beside the settings themselves. */
const notedServer = notedChange.extend({ server: z.string(), scope: z.string().nullable() })

/** What `prepareBackups` would do, in lines; those that speak against it begin with `REFUSED`. */
export async function planPreparation(
  member: ClusterMember,
  environment: MemberEnvironment,
  asked: PrepareAsked,
): Promise<readonly string[]> {
  readyOf(member)
  const { stanza, engine } = member.policy
  const wanted = wantedOf(member, environment)
  const stanzaLine =
    engine === 'pgbackrest'
      ? [`makes the stanza ${stanza} where it is missing`]
      : ['makes the directory of the backups']
  if (wanted.length === 0) {
    return [
      'leaves the archive settings of the server alone',
      ...stanzaLine,
      ...(engine === 'pgbackrest' ? ['switches a segment of WAL, and waits for it in the archive'] : []),
    ]
  }
  return onServer(environment, asked, wanted, async (tuned) => {
    const found = await look(tuned, member, environment, asked, wanted)
    const { plan } = found
    const changes = plan.settings.some(({ state }) => state === 'change')
    return [
      ...describePlan(plan, found.keeper),
      ...refusalLines(plan, asked.replacesArchiver),
      ...(changes ? await asked.reloadAlsoTakes(tuned.session) : []),
      ...(found.isElsewhere ? [] : stanzaLine),
      ...planEnding(found, environment.node, member.policy.cluster),
    ]
  })
}

/**
 * Makes the stanza, sets the server's archiving where the policy says so, and proves that a segment arrives, where no restart is
 * needed first.
 * @throws PgherdError REFUSED with nothing changed, or BackupFailure; what was changed is to be undone then by what `mustUndo` was told
 */
export async function prepareBackups(
  member: ClusterMember,
  environment: MemberEnvironment,
  options: PrepareAsked & BackupRunOptions & { readonly mustUndo: (noted: Noted) => Promise<void> },
): Promise<PrepareDone> {
  const { engine } = readyOf(member).backups
  const { cluster, stanza } = member.policy
  const { signal } = options
  const run = {
    signal,
    progress: (percent: number | null, text: string) => options.progress(percent, text),
  }
  const wanted = wantedOf(member, environment)
  if (wanted.length === 0) {
    await engine.prepare(run)
    const lines =
      engine.kind === 'pgbackrest'
        ? [`the stanza ${stanza} is there`, 'a segment of WAL came through to the archive']
        : [
            'the server lets itself be copied, and there is a pg_basebackup for its version',
            `${member.policy.repositories[0]?.path ?? 'the directory'} is there and can be written to`,
          ]
    return { message: `${cluster} can be backed up.`, lines }
  }
  const found = await onServer(environment, options, wanted, async (tuned) =>
    look(tuned, member, environment, options, wanted),
  )
  const { plan, isElsewhere, keeper } = found
  if (plan.refusals.length > 0) {
    throw new PgherdError(
      'REFUSED',
      [
        `${plan.refusals.join('; ')}. Nothing was done.`,
        ...refusalLines(plan, options.replacesArchiver),
      ].join(' '),
    )
  }
  // Before the settings, so that the first segment finds it.
  if (!isElsewhere) await engine.prepare(run, 'stanza')
  options.progress(null, 'sets how the server archives')
  const applied = await onServer(environment, options, wanted, (tuned, scope) =>
    applySettings(tuned, wanted, {
      replaces: options.replacesArchiver,
      mustUndo: (noted) => options.mustUndo({ ...noted, server: environment.node, scope }),
    }),
  )
  const isProven = !isElsewhere && waiting(applied).length === 0
  if (isProven) await engine.prepare(run, 'proof')
  const changes = applied.settings.filter(({ state }) => state === 'change')
  return {
    message: endingOf({ ...found, plan: applied }, environment.node, cluster),
    lines: [
      ...changes.map((one) => `set ${tellChange(one)}`),
      ...(changes.length === 0 ? ['the server archives as the policy says'] : []),
      ...(changes.length > 0 && applied.by === 'keeper'
        ? [
            `that is in the configuration of ${keeper}, which every member follows${waiting(applied).length > 0 ? ', with a restart of its own' : ''}`,
          ]
        : []),
      ...(isElsewhere ? [] : [`the stanza ${stanza} is there`]),
      ...(isProven ? ['a segment of WAL came through to the archive'] : []),
      ...standbyLines(found, cluster),
    ],
  }
}

/** Puts settings back that were noted. @returns half a sentence. @throws PgherdError when it did not succeed */
export async function undoPreparation(noted: Noted, asked: PrepareAsked, clock: Clock): Promise<string> {
  const { server, scope, ...change } = notedServer.parse(noted)
  await using session = await asked.openServer(server)
  const undo = (keeper?: ClusterSettings) =>
    undoSettings(change, { session, keeper, clock, signal: asked.signal })
  return await (scope === null ? undo() : asked.withKeeper(scope, undo))
}

function wantedOf(member: ClusterMember, environment: MemberEnvironment): readonly WantedSetting[] {
  return archiveSettings(member.policy, environment.command.at(-1) ?? 'pgbackrest')
}

/** A short connection to the server, and the Patroni that has its settings where that is needed. */
async function onServer<T>(
  { node, clock }: MemberEnvironment,
  asked: PrepareAsked,
  wanted: readonly WantedSetting[],
  work: (tuned: TunedServer, scope: string | null) => Promise<T>,
): Promise<T> {
  await using session = await asked.openServer(node)
  const alone = { session, keeper: undefined, clock, signal: asked.signal }
  const { now, plan } = await lookAtSettings(alone, wanted, true)
  const isRight = plan.settings.every(({ state }) => state !== 'change')
  // Where nothing is to be changed nobody else has to answer.
  if (isRight || !isPatronis(now)) return await work(alone, null)
  return await asked.withKeeper(now.clusterName, (keeper) =>
    work({ ...alone, keeper }, keeper === undefined ? null : keeper.scope),
  )
}

async function look(
  tuned: TunedServer,
  member: ClusterMember,
  environment: MemberEnvironment,
  asked: PrepareAsked,
  wanted: readonly WantedSetting[],
): Promise<Found> {
  const { plan, now } = await lookAndTry(tuned, wanted, asked.replacesArchiver)
  const { rows } = await tuned.session.read({ text: standbys }, readMs)
  return {
    plan,
    now,
    standbys: isPatronis(now) ? 0 : Number(rows[0]?.[0] ?? 0),
    keeper: tuned.keeper === undefined ? environment.node : `${tuned.keeper.name} of ${tuned.keeper.scope}`,
    isElsewhere: now.inRecovery && member.policy.where !== 'standby',
  }
}
