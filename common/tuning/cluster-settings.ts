/** Who keeps the settings of all members of a cluster, so that a server's own files are not the place to change them: Patroni. */
export interface ClusterSettings {
  /** For sentences: `Patroni`. */
  readonly name: string
  readonly scope: string
  /** How long a member may take to follow a change, milliseconds. */
  readonly patienceMs: number
  /** PostgreSQL's parameters as all members are to have them, as JSON. @throws PgherdError */
  read(): Promise<Readonly<Record<string, unknown>>>
  /** Null removes one; those that are not named stay. @throws PgherdError when it was not taken */
  change(values: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<void>
  /** Whether it says that the server beside this agent waits for a restart. @throws PgherdError */
  waitsForRestart(): Promise<boolean>
}
