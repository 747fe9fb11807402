import type { Command } from 'commander'
import { PgherdError } from '../common/errors.ts'
import { nodesAnswer } from '../common/wire/nodes.ts'
import type { NodeView } from '../common/wire/nodes.ts'
import { checkNames } from './check-names.ts'
import type { CliContext } from './context.ts'

/** Which nodes are meant; several kinds narrow, several values of one kind widen. */
export interface NodeSelection {
  readonly node?: readonly string[]
  readonly cluster?: readonly string[]
  readonly role?: string
  readonly label?: readonly string[]
  readonly all?: boolean
}

const selectable = ['node', 'cluster', 'ip', 'version', 'role', 'connected', 'up'] as const

/** Adds the flags that select nodes to a command. */
export function addSelectors(command: Command): Command {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [
    ...before,
    ...value.split(','),
  ]
  return command
    .option('-n, --node <name>', 'this node; may be repeated', collect)
    .option('-c, --cluster <name>', 'the nodes of this cluster; may be repeated', collect)
    .option('--role <role>', 'those whose server is primary or standby')
    .option('-l, --label <name=value>', `those with this value; names: ${selectable.join(', ')}`, collect)
    .option('--all', 'every node')
}

/**
 * The nodes that are meant, by name in natural order.
 * @throws PgherdError USAGE when nothing selects, NOT_FOUND when a name or cluster is not known or none is left
 */
export async function selectNodes(
  context: CliContext,
  selection: NodeSelection,
): Promise<readonly NodeView[]> {
  const { node, cluster, role, label = [], all = false } = selection
  if (!all && node === undefined && cluster === undefined && role === undefined && label.length === 0) {
    throw new PgherdError('USAGE', 'no node was selected; allowed: -n, -c, --role, -l or --all')
  }
  const { data } = await context.client().call('GET', '/api/v1/nodes', nodesAnswer)
  checkNames('node', node, new Set(data.map((one) => one.node)))
  checkNames('cluster', cluster, new Set(data.map((one) => one.cluster)))
  const wanted = label.map(parseLabel)
  const found = data.filter(
    (one) =>
      (node === undefined || node.includes(one.node)) &&
      (cluster === undefined || cluster.includes(one.cluster)) &&
      (role === undefined || one.role === sameRole(role)) &&
      wanted.every(({ name, value }) => String(one[name]) === value),
  )
  if (found.length === 0)
    throw new PgherdError('NOT_FOUND', 'no node is selected by all of that; agentctl nodes lists them')
  return found.sort(byName)
}

export function byName(a: { readonly node: string }, b: { readonly node: string }): number {
  return a.node.localeCompare(b.node, 'en', { numeric: true })
}

/** Patroni and pg_exporter say replica where PostgreSQL says standby. */
function sameRole(given: string): 'primary' | 'standby' {
  if (given === 'primary' || given === 'leader') return 'primary'
  if (given === 'standby' || given === 'replica') return 'standby'
  throw new PgherdError('USAGE', `--role was ${given}; allowed: primary, standby (or replica)`)
}

function parseLabel(given: string): { readonly name: (typeof selectable)[number]; readonly value: string } {
  const at = given.indexOf('=')
  const name = selectable.find((one) => one === given.slice(0, at))
  if (at > 0 && name !== undefined) return { name, value: given.slice(at + 1) }
  throw new PgherdError(
    'USAGE',
    `--label was ${given}; allowed: <name>=<value> with ${selectable.join(', ')}`,
  )
}
