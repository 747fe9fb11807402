import type { Command } from 'commander'
import { PgherdError } from '../../common/errors.ts'
import { nodesAnswer } from '../../common/wire/nodes.ts'
import type { NodeView } from '../../common/wire/nodes.ts'
import { checkNames } from '../check-names.ts'
import type { CollectorClient } from '../client.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { byName } from '../select-nodes.ts'
import { printAge } from '../terminal.ts'
import { vectorByLabel } from '../vector-by-label.ts'

interface ClusterView {
  readonly cluster: string
  readonly members: number
  /** One, if all is well. */
  readonly primaries: readonly string[]
  readonly standbys: readonly string[]
  readonly down: readonly string[]
  /** Nothing was measured lately. */
  readonly unknown: readonly string[]
  readonly agentsAway: readonly string[]
  /** Seconds of the standby that is furthest behind; null where none is or nothing is known. */
  readonly lag: number | null
  /** Commits per second of the last minute. */
  readonly commits: number | null
}

/** `agentctl clusters`: each cluster in a line. */
export function addClusters(program: Command, context: CliContext): void {
  program
    .command('clusters')
    .description('list the clusters: members, primary, standbys, who is down or away, lag')
    .argument('[name...]', 'only these')
    .addHelpText(
      'after',
      `
LAG is that of the standby furthest behind, COMMITS/S those of the last minute. A cluster with no primary or with two is marked.

Examples:
  agentctl clusters
  agentctl clusters pg-main
  agentctl -o json clusters | jq -r '.[] | select(.primaries | length != 1) | .cluster'

Exit status: 0 done, 1 no such cluster, 4 unreachable, 5 timed out.`,
    )
    .action(async (names: readonly string[]) => {
      const client = context.client()
      const [{ data }, lag, commits] = await Promise.all([
        client.call('GET', '/api/v1/nodes', nodesAnswer),
        figure(context, client, 'max by (cls) (pg_lag and pg_in_recovery == 1)'),
        figure(context, client, 'sum by (cls) (rate(pg_db_xact_commit[1m]))'),
      ])
      const all = viewClusters(data, lag, commits)
      checkNames('cluster', names, new Set(all.map(({ cluster }) => cluster)))
      const shown = names.length === 0 ? all : all.filter(({ cluster }) => names.includes(cluster))
      present(context, {
        columns: [
          { title: 'CLUSTER' },
          { title: 'MEMBERS', align: 'right' },
          {
            title: 'PRIMARY',
            tone: (cell) => (cell === 'NONE' || cell.startsWith('SEVERAL') ? 'bad' : undefined),
          },
          { title: 'STANDBYS', align: 'right' },
          { title: 'DOWN', tone: (cell) => (cell === '-' ? undefined : 'bad') },
          { title: 'AGENTS AWAY', spare: 2, tone: (cell) => (cell === '-' ? undefined : 'warning') },
          { title: 'NO SAMPLES', spare: 3, onlyIfFilled: true, tone: () => 'warning' },
          { title: 'LAG', align: 'right' },
          { title: 'COMMITS/S', align: 'right', spare: 1 },
        ],
        rows: shown.map(row),
        data: shown,
        nothing: 'no clusters yet: one appears with the first of its nodes',
      })
    })
}

function viewClusters(
  nodes: readonly NodeView[],
  lag: ReadonlyMap<string, number>,
  commits: ReadonlyMap<string, number>,
): readonly ClusterView[] {
  return [...Map.groupBy(nodes, ({ cluster }) => cluster)]
    .map(([cluster, members]) => {
      const sorted = [...members].sort(byName)
      const names = (which: (node: NodeView) => boolean) => sorted.filter(which).map(({ node }) => node)
      return {
        cluster,
        members: members.length,
        primaries: names(({ role, up }) => role === 'primary' && up !== false),
        standbys: names(({ role }) => role === 'standby'),
        down: names(({ up }) => up === false),
        unknown: names(({ up }) => up === null),
        agentsAway: names(({ connected }) => !connected),
        lag: lag.get(cluster) ?? null,
        commits: commits.get(cluster) ?? null,
      }
    })
    .sort((a, b) => a.cluster.localeCompare(b.cluster, 'en', { numeric: true }))
}

function row(one: ClusterView): readonly string[] {
  const [primary, ...others] = one.primaries
  const nobodyKnows = one.unknown.length === one.members
  return [
    one.cluster,
    String(one.members),
    primary === undefined
      ? nobodyKnows
        ? '-'
        : 'NONE'
      : others.length === 0
        ? primary
        : `SEVERAL: ${one.primaries.join(', ')}`,
    String(one.standbys.length),
    list(one.down),
    list(one.agentsAway),
    one.unknown.join(', '),
    one.lag === null ? '-' : printLag(one.lag),
    one.commits === null ? '-' : one.commits.toFixed(one.commits < 10 ? 1 : 0),
  ]
}

function list(names: readonly string[]): string {
  return names.length === 0 ? '-' : names.join(', ')
}

function printLag(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(1)}s` : printAge(seconds * 1000)
}

/** A figure beside the list; the list is worth showing without. */
async function figure(
  context: CliContext,
  client: CollectorClient,
  query: string,
): Promise<ReadonlyMap<string, number>> {
  try {
    return await vectorByLabel(client, query, 'cls')
  } catch (error) {
    if (!(error instanceof PgherdError) || error.code === 'UNREACHABLE') throw error
    context.warn(`no answer to ${query}: ${error.message}`)
    return new Map()
  }
}
