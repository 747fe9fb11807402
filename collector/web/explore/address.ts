/** The parameters of an address that explores some queries: `q` for each, and the time as `from=...&to=...`. */
export function exploreAddress(queries: readonly string[], timeAddress: string): string {
  const parameters = new URLSearchParams(queries.map((query) => ['q', query]))
  return timeAddress === '' ? parameters.toString() : `${parameters.toString()}&${timeAddress}`
}
