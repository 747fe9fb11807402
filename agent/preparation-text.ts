import { statementsOf } from './tuning/plan-settings.ts'
import type { PlannedSetting, SettingsPlan } from './tuning/plan-settings.ts'
import { isPatronis } from './tuning/server-settings.ts'
import type { ServerSettings } from './tuning/server-settings.ts'

/** What the preparation of backups has found on a server. */
export interface Found {
  readonly plan: SettingsPlan
  readonly now: ServerSettings
  /** Streaming ones, which have settings of their own. */
  readonly standbys: number
  readonly keeper: string
  /** A standby whose primary makes stanza and backups. */
  readonly isElsewhere: boolean
}

/** What can be done about a refusal; a sentence each. */
export function refusalLines(plan: SettingsPlan, replacesArchiver: boolean): readonly string[] {
  const isForeign = plan.settings.some((one) => one.isForeign)
  return [
    ...(isForeign && !replacesArchiver
      ? ['What archives now ends only by --replace-archiver (replace_archiver=true).']
      : []),
    ...(plan.lacksRights ? [`Who has the rights does it by: ${statementsOf(plan).join('; ')};`] : []),
  ]
}

/** What only a restart brings. */
export function waiting({ settings }: SettingsPlan): readonly PlannedSetting[] {
  return settings.filter(({ state, needsRestart }) => needsRestart && state !== 'as-wanted')
}

/** How a plan ends, where nothing speaks against it. */
export function planEnding(found: Found, node: string, cluster: string): readonly string[] {
  const { plan, isElsewhere } = found
  if (plan.refusals.length > 0) return []
  if (waiting(plan).length > 0) return [`left to do: ${endingOf(found, node, cluster)}`]
  if (isElsewhere) return ['leaves the stanza and the proof to the primary']
  return [
    'switches a segment of WAL, and waits for it in the archive; if none arrives the settings are put back',
    ...standbyLines(found, cluster),
  ]
}

/** How it ended, and what is left to do. */
export function endingOf({ plan, now, isElsewhere }: Found, node: string, cluster: string): string {
  const left = waiting(plan).map(({ name }) => name)
  if (left.length > 0) {
    const how = isPatronis(now)
      ? `agentctl ha restart ${cluster} ${node} --pending`
      : `such as systemctl restart postgresql`
    const again = `agentctl backup prepare ${cluster} --node ${node}`
    return `Restart PostgreSQL of ${node} (${how}): ${left.join(' and ')} ${left.length === 1 ? 'waits' : 'wait'} for it, and nothing is archived before. Then ${again} proves it.`
  }
  return isElsewhere
    ? `${node} is a standby, and archives by the policy once it leads.`
    : `${cluster} can be backed up.`
}

export function standbyLines({ standbys: count, now }: Found, cluster: string): readonly string[] {
  if (now.inRecovery || count === 0) return []
  const who =
    count === 1 ? 'one standby has settings of its own' : `${count} standbys have settings of their own`
  return [
    `${who}: agentctl backup prepare ${cluster} --node <standby> sets them, for the day after a failover`,
  ]
}
