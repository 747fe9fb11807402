/** What PostgreSQL itself says of settings that a server would be started with. */
export type PreflightResult =
  | {
      readonly outcome: 'accepted'
      /** What it would take at its start. */
      readonly sharedMemory: SharedMemoryNeed
      /** Effective `huge_pages`: `try`, `on` or `off`. */
      readonly hugePagesMode: string
      /** Of a standby: the five settings that may not be below its primary's, as it would start with them; else empty. */
      readonly standbySettings: ReadonlyMap<string, number>
      /** What its primary has of them, by its pg_control; empty where that cannot be read. */
      readonly primarySettings: ReadonlyMap<string, number>
      /** Before PostgreSQL 15 libraries are not loaded, and what settings ask of each other is checked here and not by the server. */
      readonly isWhole: boolean
    }
  | {
      readonly outcome: 'refused'
      /** PostgreSQL's own words, without the names of our files. */
      readonly words: string
      /** The setting that they are about; null where they name none. */
      readonly parameter: string | null
      /** Whether the server would not start without the change either. */
      readonly isSoAlready: boolean
    }
  | {
      readonly outcome: 'not-run'
      /** Half a sentence. */
      readonly why: string
    }

export interface SharedMemoryNeed {
  readonly bytes: number
  /** Pages of the system's usual huge page size; null where the server does not tell. */
  readonly hugePages: number | null
  /** By a formula, and not by the server. */
  readonly isEstimate: boolean
}
