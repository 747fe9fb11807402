/**
 * Why a scrape loop counts as hung: a source was neither measured nor given up for two intervals and one deadline. A
 * round that ends takes at most the deadline, and one that was missed is followed by the next.
 * @param sinceRoundMs of the source that has waited the longest
 */
export function problemOfRounds(
  sinceRoundMs: number,
  {
    'scrape.interval': intervalMs,
    'scrape.timeout': timeoutMs,
  }: { readonly 'scrape.interval': number; readonly 'scrape.timeout': number },
): string | undefined {
  if (sinceRoundMs <= 2 * intervalMs + timeoutMs) return undefined
  return `a source was not measured for ${Math.floor(sinceRoundMs / 1000)} s`
}
