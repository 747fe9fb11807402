/** A connection that the composition opens, with one statement under way at a time. */
export interface Link extends AsyncDisposable {
  readonly isOpen: boolean
  /** Resolves when it closes, also while nothing is asked. */
  readonly closed?: Promise<unknown> | undefined
  /**
   * Rows as text, bounded by the server's statement_timeout of two seconds and a little later by our side, which then gives
   * the connection up.
   * @throws PgherdError
   */
  query(statement: { readonly name: string; readonly text: string }): Promise<Rows>
}

export type Rows = readonly (readonly (string | null)[])[]

/** @throws PgherdError; SQLSTATE of a refusal in `details.sqlstate`, the system's error as its cause */
export type OpenLink = (timeoutMs: number, signal: AbortSignal) => Promise<Link>
