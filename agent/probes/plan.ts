import type { ProbeDefinition } from './definition.ts'

/** What planning needs to know about a server, or about a pooler, which has no role, extensions and schemas. */
export interface ServerFacts {
  readonly kind: 'postgres' | 'pgbouncer'
  /** Whether this is the one connection that what concerns the whole server is asked on; others see one database. */
  readonly main: boolean
  /** PostgreSQL's server_version_num; pgBouncer's 1.18.0 is 11800. */
  readonly versionNumber: number
  readonly inRecovery: boolean
  readonly database: string
  readonly user: string
  readonly extensions: ReadonlyMap<string, string>
  readonly schemas: ReadonlySet<string>
}

/** Whether a branch fits a server, and why (not). */
export interface Verdict {
  readonly probe: ProbeDefinition
  readonly runs: boolean
  readonly reason: string
}

/**
 * Decides about every branch. `tags` are what the user has given the agent; any tag of a branch that has no
 * meaning of its own must be among them.
 */
export function explainPlan(
  probes: readonly ProbeDefinition[],
  server: ServerFacts,
  tags: ReadonlySet<string> = new Set(),
): readonly Verdict[] {
  return probes.map((probe) => {
    const obstacle = obstacleFor(probe, server, tags)
    return { probe, runs: obstacle === undefined, reason: obstacle ?? 'fits' }
  })
}

/** The branches that fit, in the order to run them: fatal ones first, so that a dead server is seen at once. */
export function planProbes(
  probes: readonly ProbeDefinition[],
  server: ServerFacts,
  tags: ReadonlySet<string> = new Set(),
): readonly ProbeDefinition[] {
  return explainPlan(probes, server, tags)
    .filter(({ runs }) => runs)
    .map(({ probe }) => probe)
    .sort((a, b) => Number(b.fatal) - Number(a.fatal) || a.priority - b.priority)
}

/** Names of the schemas that some branch asks for. */
export function schemasOf(probes: readonly ProbeDefinition[]): readonly string[] {
  const names = probes.flatMap(({ tags }) =>
    tags.map((tag) => /^(?:not:)?schema:(.+)$/.exec(tag)?.[1]).filter((name) => name !== undefined),
  )
  return [...new Set(names)].sort()
}

function obstacleFor(
  probe: ProbeDefinition,
  server: ServerFacts,
  tags: ReadonlySet<string>,
): string | undefined {
  if (probe.skip) return 'skip is set'
  const forPooler = probe.tags.includes('pgbouncer')
  if (forPooler && server.kind === 'postgres') return 'is for pgBouncer'
  if (!forPooler && server.kind === 'pgbouncer') return 'is for PostgreSQL'
  const version = server.versionNumber
  if (version < probe.minVersion) return `needs version ${probe.minVersion} or later, this is ${version}`
  if (probe.maxVersion !== 0 && version >= probe.maxVersion) {
    return `is for versions below ${probe.maxVersion}, this is ${version}`
  }
  for (const tag of probe.tags) {
    const negated = tag.startsWith('not:')
    const condition = negated ? tag.slice('not:'.length) : tag
    if (holds(condition, server, tags) === negated) return `tag ${tag} does not hold`
  }
  return undefined
}

function holds(tag: string, server: ServerFacts, tags: ReadonlySet<string>): boolean {
  switch (tag) {
    case 'pgbouncer':
      return server.kind === 'pgbouncer'
    case 'cluster':
      return server.main
    case 'primary':
    case 'master':
    case 'leader':
      return !server.inRecovery
    case 'replica':
    case 'standby':
    case 'slave':
      return server.inRecovery
    default:
  }
  const colon = tag.indexOf(':')
  const value = tag.slice(colon + 1)
  switch (tag.slice(0, Math.max(0, colon))) {
    case 'dbname':
      return server.database === value
    case 'username':
      return server.user === value
    case 'extension':
      return server.extensions.has(value)
    case 'schema':
      return server.schemas.has(value)
    default:
      return tags.has(tag)
  }
}
