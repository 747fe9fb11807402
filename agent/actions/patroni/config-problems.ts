import { PgherdError } from '../../../common/errors.ts'
import { isObject } from './config-patch.ts'
import type { Json, JsonObject } from './config-patch.ts'

interface Rule {
  readonly allowed: string
  readonly isAllowed: (value: Json) => boolean
}

const isSwitch = (value: Json): boolean =>
  typeof value === 'boolean' || (typeof value === 'string' && /^(on|off|true|false|yes|no|0|1)$/i.test(value))
const isNumber = (value: Json): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value))
/** etcd refuses a lease that is too long, and then nobody leads: what nobody can mean is not handed on. */
const whole = (least: number, most: number): Rule => ({
  allowed: `a whole number from ${least} to ${most}`,
  isAllowed: (value) =>
    isNumber(value) && Number.isSafeInteger(Number(value)) && Number(value) >= least && Number(value) <= most,
})
const daySeconds = 86_400
const mostBytes = 2 ** 50
const onOrOff: Rule = { allowed: 'true or false', isAllowed: isSwitch }
const map: Rule = { allowed: 'a map', isAllowed: isObject }
const list: Rule = { allowed: 'a list', isAllowed: (value) => Array.isArray(value) }

/** What Patroni keeps for all members. Source: Patroni 4.1, docs/dynamic_configuration.rst; older versions have fewer. */
const rules: Readonly<Record<string, Rule>> = {
  ttl: whole(1, daySeconds),
  loop_wait: whole(1, daySeconds),
  retry_timeout: whole(1, daySeconds),
  maximum_lag_on_failover: whole(0, mostBytes),
  maximum_lag_on_syncnode: whole(-1, mostBytes),
  max_timelines_history: whole(0, 1_000_000),
  primary_start_timeout: whole(0, daySeconds),
  master_start_timeout: whole(0, daySeconds),
  primary_stop_timeout: whole(0, daySeconds),
  master_stop_timeout: whole(0, daySeconds),
  synchronous_mode: {
    allowed: 'true, false or quorum',
    isAllowed: (value) => isSwitch(value) || value === 'quorum',
  },
  synchronous_mode_strict: onOrOff,
  synchronous_node_count: whole(1, 1_000),
  failsafe_mode: onOrOff,
  check_timeline: onOrOff,
  pause: onOrOff,
  member_slots_ttl: { allowed: 'a time', isAllowed: (value) => isNumber(value) || typeof value === 'string' },
  postgresql: map,
  standby_cluster: map,
  slots: map,
  ignore_slots: list,
}

const postgresqlRules: Readonly<Record<string, Rule>> = {
  use_pg_rewind: onOrOff,
  use_slots: onOrOff,
  parameters: map,
  recovery_conf: map,
  pg_hba: list,
  pg_ident: list,
}

/**
 * What is wrong with what a patch sets. Patroni takes anything, and where it cannot read one value it reads nothing of its
 * configuration any more, on all members.
 * @returns names that Patroni may not know, a sentence each
 * @throws PgherdError REFUSED for a value that it cannot mean, whatever is forced
 */
export function configProblems(patch: JsonObject): readonly string[] {
  const { postgresql } = patch
  const bad = [
    ...badValues(patch, rules, ''),
    ...(isObject(postgresql) ? badValues(postgresql, postgresqlRules, 'postgresql.') : []),
    ...(isObject(postgresql) && isObject(postgresql['parameters'])
      ? badParameters(postgresql['parameters'])
      : []),
  ]
  if (bad.length > 0) throw new PgherdError('REFUSED', `${bad.join('; ')}. Nothing was done.`)
  return Object.keys(patch)
    .filter((name) => rules[name] === undefined && patch[name] !== null)
    .map((name) => `${name} is no setting that Patroni is known to have`)
}

function badValues(
  values: JsonObject,
  known: Readonly<Record<string, Rule>>,
  before: string,
): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const rule = known[name]
    if (rule === undefined || value === null || rule.isAllowed(value)) return []
    return [`${before}${name} was ${JSON.stringify(value)}; allowed: ${rule.allowed}`]
  })
}

/** A parameter of PostgreSQL has one value. */
function badParameters(parameters: JsonObject): readonly string[] {
  return Object.entries(parameters)
    .filter(([, value]) => typeof value === 'object' && value !== null)
    .map(([name, value]) => `postgresql.parameters.${name} was ${JSON.stringify(value)}; allowed: one value`)
}
