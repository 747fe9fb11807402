import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import { configText, usualStateDirectory } from './config-text.ts'
import { readExistingConfig } from './existing-config.ts'
import type { ExistingConfig } from './existing-config.ts'
import { findAll } from './find/find-all.ts'
import { findPgbackrest } from './find/find-pgbackrest.ts'
import type { Found, FoundServer } from './find/found.ts'
import { consoleUrl, lacksOfPooler } from './find/judge-pooler.ts'
import { actingAs } from './host/acting-as.ts'
import { passwordPlace, readPassword } from './host/password-file.ts'
import type { PasswordPlace } from './host/password-file.ts'
import type { ServiceHost } from './host/service.ts'
import type { UserNames } from './host/user-names.ts'
import { nameServers } from './name-servers.ts'
import { usualConfig, usualRole, usualUser } from './options.ts'
import type { SetupOptions } from './options.ts'
import type { SetupPlan } from './plan.ts'
import { planServer } from './plan-server.ts'
import { openAsOwner } from './server/open-as-owner.ts'
import { readServerFacts } from './server/server-facts.ts'
import type { ServerFacts } from './server/server-facts.ts'

export interface SetupSurroundings {
  /** Where /proc lies: `/`. */
  readonly root: string
  readonly hostName: string
  readonly users: UserNames
  readonly service: ServiceHost
  readonly clock: Clock
  /** When the certificate in a directory ends, if it is that of the node. */
  readonly memberUntilMs: (directory: string, node: string) => Promise<number | undefined>
}

/**
 * Looks at the host and its servers and decides what is to be done; changes nothing.
 * @throws PgherdError NOT_FOUND without a server, USAGE, CONFIG_INVALID, REFUSED, POSTGRES_UNAVAILABLE
 */
export async function makePlan(options: SetupOptions, around: SetupSurroundings): Promise<SetupPlan> {
  const { service, users } = around
  const existing = readExistingConfig(options.config)
  const found = await findAll(around.root)
  const chosen = chooseServers(found, options.only)
  const role = options.role ?? existing?.role ?? usualRole
  const facts = new Map<FoundServer, ServerFacts>()
  for (const server of chosen) {
    using connection = await openAsOwner(server, { ...around, isWriting: false })
    facts.set(server, await readServerFacts(connection, role))
  }
  const named = nameAll(chosen, { found, facts, existing, options, hostName: around.hostName })
  const isPackaged = options.config === usualConfig && options.user === usualUser
  const place = passwordPlace(service, options.config, isPackaged)
  const kept = await readPassword(place.file)
  const known = options.passwordFrom === undefined ? kept : await readPassword(options.passwordFrom)
  if (options.passwordFrom !== undefined && known === undefined) {
    throw new PgherdError('NOT_FOUND', `${options.passwordFrom}: there is no such file`)
  }
  const planned = named.map((one) =>
    planServer(one, facts.get(one.server)!, { role, options, known, file: place.file, isPackaged, service }),
  )
  const servers = planned.flatMap((one) => ('login' in one ? [one] : []))
  const agentUser = users.find(options.user)
  const isRoot = process.geteuid?.() === 0
  const neighbours = options.neighbours
    ? [
        ...found.neighbours,
        ...(await findPgbackrest(
          chosen.map((server) => ({ ...server, archiveCommand: facts.get(server)?.archiveCommand ?? '' })),
          agentUser === undefined || !isRoot ? undefined : (work) => actingAs(agentUser, work),
        )),
      ]
    : []
  const poolers = (options.neighbours ? found.poolers : []).map((pooler) => ({
    pooler,
    lacks: lacksOfPooler(pooler, role),
  }))
  const stateDirectory = options.stateDirectory ?? existing?.stateDirectory ?? usualStateDirectory
  const collectorUrl = options.join?.url ?? existing?.collectorUrl
  const first = named[0]!
  const node = `${first.cluster}-${first.seq}`
  const needsPassword = servers.some(({ login }) => login.needsPassword)
  const isOtherFleet =
    options.join !== undefined &&
    existing !== undefined &&
    originOf(existing.collectorUrl) !== options.join.url
  return {
    ...{
      options,
      found,
      servers,
      role,
      agentUser,
      poolers,
      neighbours,
      stateDirectory,
      collectorUrl,
      service,
    },
    password: needsPassword ? passwordOf(place, known, kept, options) : undefined,
    config: {
      path: options.config,
      before: existsSync(options.config) ? readFileSync(options.config, 'utf8') : undefined,
      text: configText({
        path: options.config,
        ...first,
        servers: servers.map(({ login, cluster, seq }) => ({ url: login.url, cluster, seq })),
        passwordFile: needsPassword ? place.runtimeFile : undefined,
        poolers: poolers.flatMap(({ pooler, lacks }) => {
          const url = consoleUrl(pooler, role)
          return url === undefined ? [] : [{ url, lacks }]
        }),
        neighbours,
        collectorUrl,
        stateDirectory,
      }),
    },
    memberUntilMs: isOtherFleet ? undefined : await around.memberUntilMs(join(stateDirectory, 'tls'), node),
    problems: [
      ...planned.flatMap((one) => ('problem' in one ? [one.problem] : [])),
      ...(agentUser === undefined && !options.print
        ? [`there is no user ${options.user}; allowed: the one that the package makes, or --user`]
        : []),
    ],
  }
}

function chooseServers({ servers, notes }: Found, only: readonly string[]): readonly FoundServer[] {
  const chosen = servers.filter(
    ({ dataDirectory, port }) =>
      only.length === 0 ||
      only.some((one) => one === String(port) || one.replace(/\/+$/, '') === dataDirectory),
  )
  if (chosen.length > 0) return chosen
  const seen = servers.map(({ dataDirectory, port }) => `${dataDirectory} (port ${port})`).join(', ')
  const why =
    servers.length === 0
      ? 'no PostgreSQL server runs on this host that can be watched; start it first'
      : `--only ${only.join(' --only ')} is none of the servers here; allowed: ${seen}`
  throw new PgherdError('NOT_FOUND', [why, ...notes].join('\n'))
}

function nameAll(
  chosen: readonly FoundServer[],
  {
    found,
    facts,
    existing,
    options,
    hostName,
  }: {
    readonly found: Found
    readonly facts: ReadonlyMap<FoundServer, ServerFacts>
    readonly existing: ExistingConfig | undefined
    readonly options: SetupOptions
    readonly hostName: string
  },
): ReturnType<typeof nameServers> {
  const { cluster, seq } = options
  const isAsked = options.node !== undefined || cluster !== undefined || seq !== undefined
  return nameServers(
    chosen.map((server) => {
      const patroni = found.patronis.find(({ dataDirectory }) => dataDirectory === server.dataDirectory)
      return {
        server,
        inRecovery: facts.get(server)?.inRecovery ?? false,
        clusterName: facts.get(server)?.clusterName ?? '',
        scope: patroni?.scope,
        member: patroni?.name,
      }
    }),
    {
      node: isAsked ? options.node : existing?.node,
      ...{ cluster, seq, hostName },
      from: isAsked ? 'as asked for' : `as ${options.config} says`,
    },
  )
}

/**
 * @param known that this host has, or was told
 * @param kept that it has
 */
function passwordOf(
  place: PasswordPlace,
  known: string | undefined,
  kept: string | undefined,
  { newPassword, passwordFrom }: SetupOptions,
): SetupPlan['password'] {
  const value = newPassword && passwordFrom === undefined ? undefined : known
  return { place, value, mustWrite: value === undefined || value !== kept }
}

function originOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined
}
