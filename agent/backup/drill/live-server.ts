/** What is known of the server that was backed up, while it runs; a drill on another host knows nothing of it. */
export interface LiveServer {
  /** Of any of its processes on this host: for its programs. */
  readonly pid?: number | undefined
  /** The role with id 10. */
  readonly superuser?: string | undefined
  /** Of max_connections and the others that a standby must have as high, by name. */
  readonly atLeast?: ReadonlyMap<string, number>
  /** Its shared_preload_libraries. */
  readonly preload?: string | undefined
  /** Names of its tablespaces, without the two that all have. */
  readonly tablespaces?: readonly string[]
  /** Of all its databases. */
  readonly sizeBytes?: number | undefined
}
