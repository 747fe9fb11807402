/** What runs on this host. */
export interface Found {
  readonly servers: readonly FoundServer[]
  readonly poolers: readonly FoundPooler[]
  readonly patronis: readonly FoundPatroni[]
  readonly neighbours: readonly FoundNeighbour[]
  /** What was seen and cannot be watched as it is; a sentence each. */
  readonly notes: readonly string[]
}

/** A postmaster. */
export interface FoundServer {
  readonly pid: number
  readonly uid: number
  readonly gid: number
  readonly dataDirectory: string
  readonly port: number
  /** The first that it has; undefined without a Unix socket. */
  readonly socketDirectory: string | undefined
  /** As PG_VERSION has it: `17`; undefined where that may not be read. */
  readonly major: string | undefined
  /** As Debian calls it: `17/main`. */
  readonly debianName: string | undefined
}

/** A pgBouncer, by its ini file. */
export interface FoundPooler {
  readonly configFile: string
  readonly port: number
  /** Where it is reached over TCP; undefined where it listens on its socket alone. */
  readonly address: string | undefined
  readonly socketDirectory: string | undefined
  readonly authType: string
  readonly authFile: string | undefined
  /** Who may read its console: stats_users and admin_users. */
  readonly users: readonly string[]
}

/** A Patroni, by its YAML. */
export interface FoundPatroni {
  readonly configFile: string
  readonly scope: string | undefined
  /** Of the member. */
  readonly name: string | undefined
  readonly dataDirectory: string | undefined
  /** Of its REST API. */
  readonly url: string | undefined
}

/** An entry for `neighbours` of the configuration. */
export interface FoundNeighbour {
  readonly entry: Readonly<Record<string, unknown>> & { readonly kind: string }
  /** For a person: `HAProxy (/etc/haproxy/haproxy.cfg)`. */
  readonly what: string
  /** Why it is not measured as it is, and what that takes; undefined where it can be. */
  readonly lacks: string | undefined
}
