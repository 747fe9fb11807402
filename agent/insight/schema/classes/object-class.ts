/** One kind of thing that a schema is made of, and how its changes are found. SQL runs in the database itself. */
export interface ObjectClass {
  readonly name: string
  /** Catalogs whose counters move when one of them changes. */
  readonly catalogs: readonly string[]
  /** The first server_version_num that has it. */
  readonly since?: number
  /** Shared by all databases of a server, so that the main database tells them. */
  readonly isShared?: true
  /** Selects `oid` and `xid` of all of them: the transaction that wrote their own row, null where the catalog's rows cannot be seen. */
  readonly list: string
  /** Catalogs with rows of their own for parts of them, such as columns, and the column that says of which. */
  readonly parts?: readonly { readonly of: string; readonly oid: string }[]
  /**
   * Selects of those in $1: oid, kind, name, parent_oid, parent (a schema or table; null without one), facts (jsonb of texts), and
   * relations (oid[]) that must not be locked exclusively when `facts` is read, because it would wait for them.
   */
  readonly facts: string
}

/** Schemas that are a server's own, or a session's. */
export const ownSchema = (name: string): string => `${name} <> 'information_schema' and ${name} !~ '^pg_'`

/** What CREATE EXTENSION made is told as the extension. */
export const notOfExtension = (catalog: string, oid: string): string => `
  not exists (
    select from pg_depend e
     where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.objsubid = 0
       and e.refclassid = 'pg_extension'::regclass and e.deptype = 'e')`
