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

/** Names of those that a change makes larger, and smaller; what they were may not be known. */
export function movedLimits(
  changes: readonly { readonly name: string; readonly was: string | null; readonly wanted: string }[],
): { readonly rising: readonly string[]; readonly falling: readonly string[] } {
  const limits = changes.filter(({ name }) => standbyLimits.some((one) => one === name))
  const names = (isMoved: (wanted: number, was: number) => boolean): readonly string[] =>
    limits
      .filter(({ was, wanted }) => was !== null && isMoved(Number(wanted), Number(was)))
      .map(({ name }) => name)
  return { rising: names((wanted, was) => wanted > was), falling: names((wanted, was) => wanted < was) }
}
