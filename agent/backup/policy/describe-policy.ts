import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { printBytes, printDuration } from '../../../common/config/kinds.ts'
import { archiveSettings } from './archive-settings.ts'
import { configText } from './config-text.ts'
import type { LocalServer } from './config-text.ts'
import type { ExistingConfig } from './existing-config.ts'
import { fallbackNotes } from './fallback-notes.ts'
import { localMoment } from './local-moment.ts'
import { policyNotes } from './policy-notes.ts'
import { scheduleOf } from './schedule.ts'
import { tellRepository } from './tell-repository.ts'

export interface PolicyContext {
  /** Null where it is not known yet; its configuration is not shown then. */
  readonly server: LocalServer | null
  readonly engineVersion: string | null
  /** With `config: existing`, what that file says; null where it cannot be read. */
  readonly existing: ExistingConfig | null
}

const day = 86_400_000
/** More are counted rather than listed. */
const mostMoments = 40
const mostCounted = 2_000

/** What a policy means from now on, in lines for a person and without secrets; nothing is touched. */
export function describePolicy(
  policy: BackupPolicy,
  nowMs: number,
  context: PolicyContext,
): readonly string[] {
  const { server, engineVersion } = context
  const config = server === null ? null : configText(policy, server, null, engineVersion)
  const notes = [
    ...policyNotes(policy, server?.address ?? null, engineVersion),
    ...fallbackNotes(policy, nowMs),
    ...(policy.config === 'write' ? (config?.leftOut ?? []).map((one) => `Left out: ${one}.`) : []),
    ...existingNotes(policy, context.existing),
  ]
  return [
    `${policy.cluster}: ${policy.engine === 'pgbackrest' ? `pgBackRest${engineVersion === null ? '' : ` ${engineVersion}`}, stanza ${policy.stanza}` : 'pg_basebackup'}`,
    tellWhere(policy),
    '',
    `In the next 7 days (${policy.timeZone}):`,
    ...indent(moments(policy, nowMs)),
    '',
    'Repositories:',
    ...indent(repositories(policy, context.existing)),
    '',
    ...how(policy),
    ...indent(
      archiveSettings(policy, 'pgbackrest').map(
        ({ name, value }) => `${name} = ${value === '' ? "''" : value}`,
      ),
    ),
    '',
    ...configuration(policy, config?.text ?? null),
    ...(notes.length === 0 ? [] : ['', 'Worth knowing:', ...indent(notes)]),
  ]
}

const indent = (lines: readonly string[]): readonly string[] =>
  lines.map((one) => (one === '' ? '' : `  ${one}`))

function tellWhere({ where, fallbackAfterMs, windowMs }: BackupPolicy): string {
  const who =
    where === 'primary'
      ? 'The primary runs it'
      : `A standby runs it, or the primary after ${printDuration(fallbackAfterMs)} without one`
  return `${who}, and what has not begun after ${printDuration(windowMs)} is missed.`
}

function moments(policy: BackupPolicy, nowMs: number): readonly string[] {
  const schedule = scheduleOf(policy)
  const slots = schedule.between(nowMs, nowMs + 7 * day, mostCounted)
  const listed = slots
    .slice(0, mostMoments)
    .map(({ slotMs, operation }) => `${localMoment(slotMs, policy.timeZone)}  ${operation}`)
  const more = slots.length - listed.length
  const later = schedule
    .next(nowMs)
    .filter(({ slotMs }) => slotMs > nowMs + 7 * day)
    .map(({ slotMs, operation }) => `and on ${localMoment(slotMs, policy.timeZone)}  ${operation}`)
  return [
    ...(slots.length === 0 ? ['nothing'] : listed),
    ...(more === 0 ? [] : [`and ${slots.length === mostCounted ? 'at least ' : ''}${more} more`]),
    ...later,
  ]
}

function repositories(policy: BackupPolicy, existing: ExistingConfig | null): readonly string[] {
  if (policy.config === 'write') {
    return policy.repositories.map((one, i) => `${i + 1}: ${tellRepository(one)}`)
  }
  if (existing === null) return [`as ${policy.configFile} has them, which cannot be read`]
  return existing.repositories.map(
    ({ repository, where, isEncrypted, retention }) =>
      `${repository}: ${where}, ${isEncrypted ? 'encrypted' : 'not encrypted'}, keeps ${retention ?? 'everything'}`,
  )
}

function how({ retry, guard, drill, restore, nice, archive, engine }: BackupPolicy): readonly string[] {
  const limits = [
    guard.loadPerCpu === null ? [] : [`the load of each processor is above ${guard.loadPerCpu}`],
    guard.activeSessions === null ? [] : [`more than ${guard.activeSessions} sessions are active`],
    guard.lagBytes === null ? [] : [`this standby lags by more than ${printBytes(guard.lagBytes)}`],
    guard.ioPressurePercent === null
      ? []
      : [`disks are waited for more than ${guard.ioPressurePercent} % of the time`],
  ].flat()
  const looks = [drill.amcheck ? ['pg_amcheck'] : [], drill.queries.map(({ what }) => what)].flat()
  return [
    `${limits.length === 0 ? 'No load holds a run back' : `A run waits while ${limits.join(', or ')}`}; its niceness is ${nice}.`,
    `It is tried ${retry.attempts} times, after ${printDuration(retry.firstMs)} and up to ${printDuration(retry.longestMs)}.`,
    `A drill restores into ${drill.directory} (${drill.keepFreePercent} % stay free), replays to ${drill.target}, looks by ${looks.length === 0 ? 'nothing' : looks.join(', ')}, and may take ${printDuration(drill.timeoutMs)}.`,
    `A restore may take ${printDuration(restore.timeoutMs)}.`,
    engine === 'pgbackrest' && archive.isManaged
      ? 'The server is to archive with:'
      : 'How the server archives is not managed.',
  ]
}

function configuration(policy: BackupPolicy, text: string | null): readonly string[] {
  if (policy.engine === 'pg_basebackup') {
    const { compression, maxRate } = policy
    const rate = maxRate === null ? '' : `, at ${printBytes(maxRate)} a second at most`
    return [`Backups are compressed with ${compression.type}${rate}; there is no configuration to write.`]
  }
  if (policy.config === 'existing') return [`${policy.configFile} is left as it is.`]
  if (text === null) return [`${policy.configFile} is written once the server is known.`]
  return [`${policy.configFile} is written as:`, ...indent(text.trimEnd().split('\n'))]
}

function existingNotes(policy: BackupPolicy, existing: ExistingConfig | null): readonly string[] {
  if (policy.config !== 'existing' || existing === null) return []
  return existing.problems.map((one) => `${policy.configFile}: ${one}.`)
}
