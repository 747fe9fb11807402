import { movedLimits, standbyLimits } from '../../../common/tuning/standby-limits.ts'

/** How pg_controldata names them. @see https://www.postgresql.org/docs/current/app-pgcontroldata.html */
const controlNames = new Map([
  ['max_connections setting', 'max_connections'],
  ['max_worker_processes setting', 'max_worker_processes'],
  ['max_wal_senders setting', 'max_wal_senders'],
  ['max_prepared_xacts setting', 'max_prepared_transactions'],
  ['max_locks_per_xact setting', 'max_locks_per_transaction'],
])

/** What pg_controldata of a standby has of its primary; empty where it printed none. */
export function primarySettingsIn(controlData: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const [, label = '', value] of controlData.matchAll(/^([^:\n]+):\s*(\d+)\s*$/gm)) {
    const name = controlNames.get(label)
    if (name !== undefined) found.set(name, Number(value))
  }
  return found
}

/** Why a standby would not start with what it would have, a sentence each. */
export function belowPrimary(
  own: ReadonlyMap<string, number>,
  primary: ReadonlyMap<string, number>,
): readonly string[] {
  return standbyLimits.flatMap((name) => {
    const [has, needs] = [own.get(name), primary.get(name)]
    if (has === undefined || needs === undefined || has >= needs) return []
    return [
      `with ${name} ${has} this standby would not start again, because its primary has ${needs}: the primary is lowered and restarted first`,
    ]
  })
}

/** The order in which the members of a cluster are to take new values, a sentence per direction. */
export function memberOrder(
  changes: readonly { readonly name: string; readonly was: string | null; readonly wanted: string }[],
): readonly string[] {
  const { rising, falling } = movedLimits(changes)
  return [
    ...(rising.length === 0
      ? []
      : [
          `${rising.join(' and ')}: rises, so restart the standbys with it first and the primary last; else their replay stops`,
        ]),
    ...(falling.length === 0
      ? []
      : [
          `${falling.join(' and ')}: falls, so restart the primary with it first; a standby that is below its primary does not start`,
        ]),
  ]
}
