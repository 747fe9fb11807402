/** A result as PostgreSQL sent it: text, so that an 8-byte integer or a numeric loses nothing on the way. */
export interface ResultTable {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly (readonly (string | null)[])[]
  /** Milliseconds from the request, or from the answer before it where several were under way, to the answer. */
  readonly elapsedMs: number
  /** What a pooler's console said beside the rows; PostgreSQL's own where the connection keeps them, else empty. */
  readonly notices: readonly string[]
}

export interface ResultColumn {
  readonly name: string
  /** OID in pg_type. */
  readonly typeId: number
}

/** SQL to run, prepared under its name once per connection so that the server plans it once. */
export interface Statement {
  /** At most 63 bytes, and one text per name; a statement without a name is not kept. */
  readonly name?: string
  readonly text: string
  readonly values?: readonly (string | readonly string[])[]
}
