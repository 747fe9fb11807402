import type { MemberView } from '../../../common/health/cluster-view.ts'
import type { Level } from '../fleet/level.ts'
import { formatValue } from '../format/units.ts'

/** What is told of a member in a few words, in the order of what somebody in a hurry asks. */
export interface MemberFact {
  readonly level: Level
  readonly text: string
}

/** Less free space than that is worth a word; the judgements have the same bounds. */
const lowSpace = 0.1

/** PostgreSQL's number as people write it: 180004 is 18.4. */
export function versionText(number: number): string {
  return number >= 100_000
    ? `${Math.floor(number / 10_000)}.${number % 10_000}`
    : `${Math.floor(number / 10_000)}.${Math.floor(number / 100) % 100}.${number % 100}`
}

/** A position in the log as PostgreSQL prints it: `0/3000148`. */
export function positionText(bytes: number): string {
  const high = Math.floor(bytes / 2 ** 32)
  return `${high.toString(16).toUpperCase()}/${(bytes % 2 ** 32).toString(16).toUpperCase()}`
}

export function memberFacts({ health, isStale, reportAgeMs }: MemberView): readonly MemberFact[] {
  const facts: MemberFact[] = []
  const say = (level: Level, text: string): void => void facts.push({ level, text })
  if (isStale) say('unknown', `not heard of for ${formatValue(Math.round(reportAgeMs / 1000), 'seconds')}`)
  if (health.isWritable !== null && health.role === 'primary') {
    say(health.isWritable ? 'ok' : 'warning', health.isWritable ? 'takes writes' : 'read-only')
  }
  if (health.isReplayPaused === true) say('warning', 'replay is paused')
  if (health.waitingForSync !== null && health.waitingForSync > 0) {
    say('warning', `${health.waitingForSync} sessions wait for a synchronous standby`)
  }
  if (health.archiver?.isEnabled === true) {
    say(
      health.archiver.isFailing ? 'critical' : 'ok',
      health.archiver.isFailing ? 'archiving fails' : 'archives',
    )
  }
  for (const { slotName, isActive, retainedBytes } of health.slots) {
    if (!isActive) say('warning', `slot ${slotName} keeps ${formatValue(retainedBytes, 'bytes')} for nobody`)
  }
  for (const { of, freeBytes, totalBytes } of health.space) {
    const share = totalBytes === 0 ? 0 : freeBytes / totalBytes
    say(share < lowSpace ? 'warning' : 'ok', `${formatValue(share, 'ratio')} of ${of} free`)
  }
  for (const { pooler, isReachable, reachesServer, reason } of health.poolers) {
    const isWell = isReachable && reachesServer !== false
    say(isWell ? 'ok' : 'critical', isWell ? `pooler ${pooler}` : `pooler ${pooler}: ${reason}`)
  }
  const etcd = health.etcd.filter(({ isHealthy }) => !isHealthy)
  if (health.etcd.length > 0) {
    say(
      etcd.length === 0 ? 'ok' : 'warning',
      etcd.length === 0
        ? 'etcd healthy'
        : `etcd ${etcd.map(({ endpoint }) => endpoint).join(', ')} not healthy`,
    )
  }
  return [...facts, ...patroniFacts(health.patroni)]
}

function patroniFacts(patroni: MemberView['health']['patroni']): readonly MemberFact[] {
  if (patroni === null) return []
  if (!patroni.isReachable) return [{ level: 'warning', text: 'Patroni does not answer' }]
  const facts: MemberFact[] = [
    { level: 'ok', text: `Patroni ${patroni.version ?? ''} ${patroni.role ?? ''}, ${patroni.state ?? ''}` },
  ]
  if (patroni.isPaused === true) facts.push({ level: 'warning', text: 'Patroni is paused' })
  if (patroni.pendingRestart === true) facts.push({ level: 'warning', text: 'a restart is pending' })
  if (patroni.watchdogFailed === true) facts.push({ level: 'warning', text: 'no watchdog' })
  return facts
}
