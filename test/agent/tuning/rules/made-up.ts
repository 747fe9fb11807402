import { settingValue } from '../../../../agent/postgres/setting-value.ts'
import type { Details } from '../../../../agent/tuning/details/details.ts'
import type { HostFacts } from '../../../../agent/tuning/detect/host-facts.ts'
import type { Evidence } from '../../../../agent/tuning/evidence/evidence.ts'
import type { KnownSetting } from '../../../../agent/tuning/recommend/known-server.ts'
import type { Machine, Profile } from '../../../../agent/tuning/recommend/machine.ts'
import type { Rule, RuleInput } from '../../../../agent/tuning/rules/rule.ts'
import { quietHost } from '../observed-server.ts'
import { machineOf, situationFor } from '../recommend/some-machine.ts'

/** What a test makes up of a server; all else is quiet, and a day is known of it. */
export interface MadeUp {
  readonly major?: 14 | 15 | 16 | 17 | 18
  readonly profile?: Profile
  readonly machine?: Partial<Machine>
  readonly host?: Partial<HostFacts>
  readonly details?: Details
  /** Of all databases together; unknown unless told. */
  readonly databaseBytes?: number
  /** As one writes them: `1GB`. Over those of a new cluster. */
  readonly settings?: Readonly<Record<string, string>>
  /** How much counters grew in the window. */
  readonly counters?: Readonly<Record<string, number>>
  /** Per second, at the peak; the average where it is not told. */
  readonly peaks?: Readonly<Record<string, number>>
  /** The same all the time, unless told otherwise. */
  readonly gauges?: Readonly<Record<string, number | { readonly mean: number; readonly last: number }>>
  readonly hours?: number
  /** What of the window was seen. */
  readonly hoursSeen?: number
  readonly hoursSinceStart?: number
  readonly inRecovery?: boolean
}

/** Settings that a baseline does not know: their type and unit, and what a new cluster has. */
const otherSettings: Readonly<
  Record<string, readonly [vartype: string, unit: string | null, value: string]>
> = {
  autovacuum_freeze_max_age: ['integer', null, '200000000'],
  autovacuum_multixact_freeze_max_age: ['integer', null, '400000000'],
  autovacuum_naptime: ['integer', 's', '60'],
  autovacuum_vacuum_cost_delay: ['real', 'ms', '2'],
  autovacuum_vacuum_insert_scale_factor: ['real', null, '0.2'],
  bgwriter_delay: ['integer', 'ms', '200'],
  bgwriter_lru_maxpages: ['integer', null, '100'],
  bgwriter_lru_multiplier: ['real', null, '2'],
  checkpoint_flush_after: ['integer', '8kB', '32'],
  commit_delay: ['integer', null, '0'],
  idle_in_transaction_session_timeout: ['integer', 'ms', '0'],
  idle_session_timeout: ['integer', 'ms', '0'],
  jit_above_cost: ['real', null, '100000'],
  logical_decoding_work_mem: ['integer', 'kB', '65536'],
  'pg_stat_statements.max': ['integer', null, '5000'],
  min_parallel_table_scan_size: ['integer', '8kB', '1024'],
  parallel_setup_cost: ['real', null, '1000'],
  temp_file_limit: ['integer', 'kB', '-1'],
  vacuum_cost_limit: ['integer', null, '200'],
  temp_buffers: ['integer', '8kB', '1024'],
  hot_standby_feedback: ['bool', null, 'off'],
  max_logical_replication_workers: ['integer', null, '4'],
  max_replication_slots: ['integer', null, '10'],
  max_slot_wal_keep_size: ['integer', 'MB', '-1'],
  max_standby_streaming_delay: ['integer', 'ms', '30000'],
  max_wal_senders: ['integer', null, '10'],
  primary_conninfo: ['string', null, ''],
  primary_slot_name: ['string', null, ''],
  wal_keep_size: ['integer', 'MB', '0'],
  wal_level: ['enum', null, 'replica'],
  wal_writer_delay: ['integer', 'ms', '200'],
}
const sinceMajor: Readonly<
  Record<string, readonly [major: number, vartype: string, unit: string | null, value: string]>
> = {
  recovery_prefetch: [15, 'enum', null, 'try'],
  shared_memory_size_in_huge_pages: [15, 'integer', null, '-1'],
  huge_pages_status: [17, 'enum', null, 'off'],
  subtransaction_buffers: [17, 'integer', '8kB', '32'],
  transaction_timeout: [17, 'integer', 'ms', '0'],
  autovacuum_vacuum_max_threshold: [18, 'integer', null, '100000000'],
  io_max_concurrency: [18, 'integer', null, '64'],
  idle_replication_slot_timeout: [18, 'integer', 's', '0'],
}

export function inputOf(of: MadeUp): RuleInput {
  const {
    major = 17,
    profile = 'mixed',
    machine = {},
    host = {},
    details = {},
    settings = {},
    databaseBytes = null,
  } = of
  const situation = situationFor({ major, profile, machine: machineOf(machine) })
  const known = new Map(situation.server.settings)
  const add = (name: string, vartype: string, unit: string | null, value: string): void => {
    const setting: KnownSetting = {
      value,
      vartype,
      unit,
      context: 'sighup',
      min: null,
      max: null,
      enumValues: null,
    }
    known.set(name, setting)
  }
  for (const [name, [vartype, unit, value]] of Object.entries(otherSettings)) add(name, vartype, unit, value)
  for (const [name, [since, vartype, unit, value]] of Object.entries(sinceMajor)) {
    if (major >= since) add(name, vartype, unit, value)
  }
  for (const [name, text] of Object.entries(settings)) {
    const setting = known.get(name)
    if (setting === undefined) throw new Error(`${major} has no ${name}`)
    known.set(name, { ...setting, value: settingValue(text, setting) })
  }
  return {
    situation: {
      ...situation,
      server: { ...situation.server, isRunning: true, settings: known, databaseBytes },
    },
    evidence: evidenceMadeUp(of),
    host: { ...quietHost, ...host },
    details,
  }
}

function evidenceMadeUp(of: MadeUp): Evidence {
  const { counters = {}, peaks = {}, gauges = {}, hours = 24, hoursSeen = hours, hoursSinceStart = 100 } = of
  const perSecond = (name: string): number | undefined => {
    const grown = counters[name]
    return grown === undefined ? undefined : grown / (hoursSeen * 3600)
  }
  const gauge = (name: string, at: 'mean' | 'last'): number | undefined => {
    const value = gauges[name]
    return typeof value === 'object' ? value[at] : value
  }
  return {
    fromMs: 0,
    toMs: hours * 3_600_000,
    hours: hoursSeen,
    hoursSinceStart,
    inRecovery: of.inRecovery ?? false,
    increase: (name) => counters[name],
    perSecond,
    peakPerSecond: (name) => peaks[name] ?? perSecond(name),
    mean: (name) => gauge(name, 'mean'),
    max: (name) => gauge(name, 'last'),
    usualMax: (name) => gauge(name, 'last'),
    last: (name) => gauge(name, 'last'),
  }
}

/** What a rule says, in short: its values by parameter, and its notes. */
export function saidBy(
  rule: Rule,
  of: MadeUp,
): {
  readonly values: Readonly<Record<string, string>>
  readonly notes: readonly string[]
  readonly reasons: readonly string[]
} {
  const { drafts, notes } = rule.advise(inputOf(of))
  return {
    values: Object.fromEntries(drafts.map(({ parameter, proposed }) => [parameter, proposed])),
    reasons: drafts.map(({ reason }) => reason),
    notes,
  }
}

export const silent = { values: {}, reasons: [], notes: [] }
