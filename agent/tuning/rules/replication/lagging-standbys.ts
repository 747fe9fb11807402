import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Finding, Rule, RuleDraft, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'
import { ownReplayLag, standbyLag } from './standby-lag.ts'

export const laggingStandbys: Rule = {
  id: 'R4',
  what: 'standbys that are behind, by what holds them up',
  advise(input) {
    if (!isWarm(input.evidence)) return nothing
    const { drafts, notes } = input.evidence.inRecovery ? ownReplay(input) : nothing
    return { drafts, notes: [...notes, ...ofOthers(input)] }
  },
}

function ofOthers({ evidence }: RuleInput): readonly string[] {
  const [network, disk, apply] = (['network', 'disk', 'apply'] as const).map((part) =>
    standbyLag(evidence, part),
  )
  return [
    // What receives WAL there reads none while it flushes, so that a slow disk looks like a slow network as well.
    ...(network === undefined || disk !== undefined
      ? []
      : [
          `standbys get ${network} behind on the way to them (pg_repl_write_diff, pg_repl_write_lag): less WAL helps (wal_compression), or a faster network`,
        ]),
    ...(disk === undefined
      ? []
      : [
          `a standby gets ${disk} behind in flushing what it has written (pg_repl_flush_diff, pg_repl_flush_lag): its own disk is slow with WAL, which no setting of this server helps`,
        ]),
    ...(apply === undefined
      ? []
      : [
          `a standby gets ${apply} behind in replaying what it has (pg_repl_replay_diff, pg_repl_replay_lag): what its own agent advises about recovery_prefetch, maintenance_io_concurrency and conflicts with its queries helps there, unless it waits on purpose (recovery_min_apply_delay)`,
        ]),
  ]
}

/** Measured where it happens: what is replayed late on purpose does not count. */
function ownReplay({ evidence, situation }: RuleInput): Finding {
  const lag = ownReplayLag(evidence)
  if (lag === undefined) return nothing
  const cancelled = ['snapshot', 'bufferpin', 'lock'].reduce(
    (sum, kind) => sum + (evidence.increase(`conflicts.${kind}`) ?? 0),
    0,
  )
  const seen = `replay gets ${lag} behind what this standby has received`
  const drafts: RuleDraft[] = []
  const prefetch = situation.server.settings.get('recovery_prefetch')
  const why = {
    reason: seen,
    evidence: 'SELECT pg_last_wal_receive_lsn() - pg_last_wal_replay_lsn()',
    effect: 'pages that replay will need are read before it comes to them',
    confidence: 'medium',
  } as const
  if (prefetch?.value === 'off') {
    drafts.push({
      ...why,
      parameter: 'recovery_prefetch',
      proposed: 'try',
      risk: 'none but reads that were not needed',
    })
  }
  const now = settingOf(situation, 'maintenance_io_concurrency')
  const most =
    situation.server.major >= 18 ? constants.ioConcurrencyMost.since18 : constants.ioConcurrencyMost.before18
  // Only prefetching makes use of it.
  if (prefetch !== undefined && now !== undefined && now < most) {
    const proposed = String(Math.min(most, Math.max(1, now * constants.ioConcurrencyStep)))
    drafts.push({
      ...why,
      parameter: 'maintenance_io_concurrency',
      proposed,
      risk: 'the disk gets more requests at once, also from VACUUM',
    })
  }
  const conflicts =
    cancelled === 0
      ? ''
      : `; it also waits for queries here, and has cancelled ${cancelled} of them (pg_stat_database_conflicts)`
  return {
    drafts,
    notes: [
      `${seen}${conflicts}: queries that run long hold it up for max_standby_streaming_delay, and one process replays alone`,
    ],
  }
}
