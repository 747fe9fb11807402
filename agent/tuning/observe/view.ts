/** What decides which of a server's views can be asked, and how. */
export interface ObservedServer {
  /** Such as 150018. */
  readonly versionNumber: number
  readonly inRecovery: boolean
  /** Extensions that are installed in the database at hand, with their version. */
  readonly extensions: ReadonlyMap<string, string>
  /** Of those the ones whose schema the role may use, with that schema as SQL has it: none of them is on the search path. */
  readonly schemas: ReadonlyMap<string, string>
}

/**
 * Numbers of a server that are looked at together, by one statement that gives one row. Its columns are named as the counters and
 * gauges are; null is what is not known. In a history a number is called by its view and its column: `wal.buffers_full`.
 */
export interface View {
  readonly name: string
  /** `sample`: each 15 seconds, because it changes by the moment; `bucket`: once per bucket of five minutes. */
  readonly pace: 'sample' | 'bucket'
  /** What only grows, until it is reset. */
  readonly counters: readonly string[]
  readonly gauges: readonly string[]
  /** Undefined where this server has nothing of it. */
  statement(server: ObservedServer): string | undefined
}
