/**
 * What a standby may not have below its primary: it would not start, and one that runs ends its replay where the primary raises it.
 * Source: "Administrator's Overview" in the manual's chapter on hot standby; CheckRequiredParameterValues in xlogrecovery.c.
 */
export const standbyLimits = [
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
] as const

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
  const limits = changes.filter(({ name }) => standbyLimits.some((one) => one === name))
  const rising = limits.filter(({ was, wanted }) => was !== null && Number(wanted) > Number(was))
  const falling = limits.filter(({ was, wanted }) => was !== null && Number(wanted) < Number(was))
  const namesOf = (some: typeof limits): string => some.map(({ name }) => name).join(' and ')
  return [
    ...(rising.length === 0
      ? []
      : [
          `${namesOf(rising)}: rises, so restart the standbys with it first and the primary last; else their replay stops`,
        ]),
    ...(falling.length === 0
      ? []
      : [
          `${namesOf(falling)}: falls, so restart the primary with it first; a standby that is below its primary does not start`,
        ]),
  ]
}
