import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import type { AgentConfig } from '../config.ts'
import { createCapabilityReader } from '../postgres/capabilities.ts'
import { readPoolerVersion } from '../postgres/pooler.ts'
import { createSession } from '../postgres/session.ts'
import type { Session } from '../postgres/session.ts'
import { parseTarget } from '../postgres/target.ts'
import type { ProbeDefinition } from '../probes/definition.ts'
import { schemasOf } from '../probes/plan.ts'
import type { ServerFacts } from '../probes/plan.ts'
import { serverOptions, serversOf } from '../sources.ts'

const timeoutMs = 5_000

/** A server or pooler of the configuration, connected to and looked at. */
export interface LookedAt extends AsyncDisposable {
  /** As a person would name it: `pg-main-1 (10.0.0.1:5432)`. */
  readonly name: string
  readonly isPooler: boolean
  readonly session: Session
  /** What it is, or why that cannot be told. */
  readonly facts: (ServerFacts & { readonly databases: readonly string[] }) | PgherdError
}

/** Looks at every server and pooler, one after the other. */
export async function* lookAtServers(
  config: AgentConfig,
  probes: readonly ProbeDefinition[],
  clock: Clock,
): AsyncGenerator<LookedAt> {
  const places = [
    ...serversOf(config).map((server) => ({ server, pooler: false })),
    ...config.poolers.map((server) => ({ server, pooler: true })),
  ]
  for (const { server, pooler } of places) {
    const options = serverOptions(config, server)
    const target = parseTarget(options.url, options.serviceFile)
    const session = createSession({ ...options, console: pooler, clock })
    const { cluster, seq } = options.identity
    const facts = await (
      pooler ? lookAtPooler(session, target) : lookAtServer(session, schemasOf(probes))
    ).catch((error: unknown) => {
      if (error instanceof PgherdError) return error
      throw error
    })
    const name = `${cluster}-${seq} (${target.host}:${target.port})`
    yield {
      name,
      isPooler: pooler,
      session,
      facts,
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    }
  }
}

async function lookAtServer(session: Session, schemas: readonly string[]) {
  await session.connect(timeoutMs)
  const found = await createCapabilityReader(session, schemas).read(timeoutMs)
  return { ...found, kind: 'postgres', main: true } as const
}

async function lookAtPooler(session: Session, target: { readonly database: string; readonly user: string }) {
  await session.connect(timeoutMs)
  const versionNumber = await readPoolerVersion(session, timeoutMs)
  const { database, user } = target
  return {
    kind: 'pgbouncer',
    main: true,
    versionNumber,
    inRecovery: false,
    database,
    user,
    extensions: new Map<string, string>(),
    schemas: new Set<string>(),
    databases: [],
  } as const
}

/** What a server is, in a few words. */
export function describeFacts(facts: ServerFacts): string {
  const { versionNumber, kind, inRecovery, database, user } = facts
  if (kind === 'pgbouncer') {
    const [major, minor] = [Math.floor(versionNumber / 10_000), Math.floor(versionNumber / 100) % 100]
    return `pgBouncer ${major}.${minor}, role ${user}`
  }
  const version = `${Math.floor(versionNumber / 10_000)}.${versionNumber % 10_000}`
  return `PostgreSQL ${version}, ${inRecovery ? 'standby' : 'primary'}, database ${database}, role ${user}`
}
