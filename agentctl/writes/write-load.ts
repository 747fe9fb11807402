/** What a server wrote within a range, by whom. Bytes of tables and indexes are estimated by rules/record-writes.yaml. */
export interface WriteLoad {
  readonly cluster: string
  readonly server: string
  /** Of the range. */
  readonly seconds: number
  /** Of these the estimates are there; 0 where no rules are evaluated. */
  readonly estimatedSeconds: number
  readonly wal: {
    readonly bytes: number
    /** Part of them that are full-page images, 0 to 1, estimated before 19; null where the server counts none (before 14). */
    readonly imageShare: number | null
    readonly images: number | null
    readonly records: number | null
  }
  readonly checkpoints: {
    readonly timed: number
    readonly requested: number
    readonly timeoutSeconds: number | null
    readonly completionTarget: number | null
    readonly maxWalBytes: number | null
  }
  /** Buffers written; of sessions null where nobody counts them. */
  readonly buffers: {
    readonly checkpointer: number
    readonly backgroundWriter: number
    readonly sessions: number | null
  }
  /** Those with most WAL first. */
  readonly statements: readonly StatementWrites[]
  readonly tables: readonly TableWrites[]
  readonly indexes: readonly IndexWrites[]
}

export interface StatementWrites {
  readonly database: string
  /** queryid, or `other`. */
  readonly query: string
  readonly walBytes: number
  readonly images: number
  readonly calls: number
  /** Normalised; null where it is not known. */
  readonly text: string | null
}

export interface TableWrites {
  readonly database: string
  readonly table: string
  /** With its TOAST table, without its indexes. */
  readonly walBytes: number
  /** Of all its indexes. */
  readonly indexWalBytes: number
  readonly inserted: number
  readonly updated: number
  /** Of the updated ones, those that left the indexes alone. */
  readonly hotUpdated: number
  /** Of the updated ones, those for which there was no room in their page; null before 16. */
  readonly movedToNewPage: number | null
  readonly deleted: number
  readonly liveRows: number
  readonly deadRows: number
  readonly fillfactor: number
  readonly rowBytes: number
}

export interface IndexWrites {
  readonly database: string
  readonly index: string
  readonly table: string
  readonly walBytes: number
  readonly sizeBytes: number
  /** Of all members of the cluster, since the statistics of each were reset. */
  readonly scans: number
  /** Whether it serves queries alone: no uniqueness, no constraint, no part of a partitioned index. */
  readonly isOptional: boolean
}

/** Written for nobody, as far as the members' statistics go. */
export function isUnused({ scans, isOptional }: IndexWrites): boolean {
  return scans === 0 && isOptional
}
