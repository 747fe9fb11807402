/** Who starts a server and watches it, in place of the agent: Patroni. */
export interface ServerManager {
  /** For sentences: `Patroni`. */
  readonly name: string
  /** From then on it leaves a server that has ended alone. @throws PgherdError */
  release(): Promise<void>
  /** Has it start the server on what its data directory has now; resolves when it runs. @throws PgherdError */
  start(): Promise<void>
}
