/** The server's clock tells when it started: it may have been set meanwhile. */
const sameStartMs = 2_000

/** Whether two answers come from one start of a server; they do not where one of them does not say. */
export function isSameStart(one: number | null | undefined, other: number | null | undefined): boolean {
  return one != null && other != null && Math.abs(one - other) <= sameStartMs
}
