import type { PlannedServer, SetupPlan } from './plan.ts'

/** What was found, as a person wants to check it. */
export function describeFound(plan: SetupPlan): readonly string[] {
  const { servers, poolers, neighbours, found, options } = plan
  const others = found.servers.filter(({ pid }) => !servers.some(({ server }) => server.pid === pid))
  return [
    'Found on this host:',
    ...servers.flatMap((one) => [
      `  ${describeServer(one)}`,
      `    called ${one.cluster}-${one.seq}: ${one.why}`,
    ]),
    ...(options.only.length === 0
      ? []
      : others.map(
          ({ dataDirectory, port }) => `  PostgreSQL at ${dataDirectory}, port ${port}: left out (--only)`,
        )),
    ...poolers.flatMap(({ pooler, lacks }) => [
      `  pgBouncer at port ${pooler.port} (${pooler.configFile})`,
      ...lacks.map((one) => `    not measured yet: ${one}`),
    ]),
    ...neighbours.flatMap(({ what, lacks }) => [
      `  ${what}`,
      ...(lacks === undefined ? [] : [`    not measured yet: ${lacks}`]),
    ]),
    ...found.notes.map((note) => `  ${note}`),
    ...servers
      .filter(({ facts }) => facts.statements === 'not-loaded' && !facts.inRecovery)
      .map(
        ({ server }) =>
          `  To see statements on port ${server.port} it takes shared_preload_libraries = 'pg_stat_statements' and a restart of PostgreSQL, which is yours to choose.`,
      ),
  ]
}

function describeServer({ server, facts }: PlannedServer): string {
  const { versionNumber, inRecovery } = facts
  const version = `${Math.floor(versionNumber / 10_000)}.${versionNumber % 10_000}`
  return `PostgreSQL ${version}, ${inRecovery ? 'standby' : 'primary'}, at ${server.dataDirectory}, port ${server.port}`
}
