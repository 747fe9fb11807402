import { rulesAnswer } from '../../common/alerts/alert-views.ts'
import { printMatcher } from '../../common/alerts/matcher-text.ts'
import { silences } from '../../common/alerts/silence.ts'
import type { ActionDescription } from '../../common/command/action-description.ts'
import { commandsAnswer } from '../../common/command/command-view.ts'
import { topQueriesAnswer } from '../../common/insight/queries-view.ts'
import { nodesAnswer } from '../../common/wire/nodes.ts'
import type { NodeView } from '../../common/wire/nodes.ts'
import type { CollectorClient } from '../client.ts'
import { onOneLine } from '../queries/on-one-line.ts'
import { askForActions } from '../steer/ask-for-actions.ts'
import { shortId } from '../steer/find-command.ts'
import { argumentsOf } from '../steer/parse-arguments.ts'
import type { Argument } from '../steer/parse-arguments.ts'
import { reportsOf } from '../steer/reports.ts'
import type { Candidate, Wanted } from './complete.ts'

/**
 * The words that only the collector knows.
 * @param prefix what is written of the word; an argument is offered by its name, and behind `=` with its values
 * @throws PgherdError as the collector answers
 */
export async function askForWords(
  client: CollectorClient,
  wanted: Wanted,
  prefix: string,
): Promise<readonly Candidate[]> {
  if (wanted.kind === 'command') {
    const { data } = await client.call('GET', '/api/v1/commands?limit=20', commandsAnswer)
    return data.map(({ id, kind, node, state }) => ({
      word: shortId(id),
      what: `${kind} on ${node}, ${state}`,
    }))
  }
  if (wanted.kind === 'alert') {
    const { data } = await client.call('GET', '/api/v1/rules?type=alert&exclude_alerts=true', rulesAnswer)
    const rules = data.groups.flatMap((group) => group.rules)
    return rules.map(({ name, state }) => ({ word: name, what: state ?? '' }))
  }
  if (wanted.kind === 'silence') {
    const found = await client.call('GET', '/api/v2/silences', silences)
    const alive = found.filter(({ status }) => status.state !== 'expired')
    return alive.map(({ id, matchers }) => ({ word: id, what: matchers.map(printMatcher).join(', ') }))
  }
  if (wanted.kind === 'statement') {
    const { data } = await client.call('GET', '/api/v1/queries?limit=20', topQueriesAnswer)
    return data.rows.map(({ query, text }) => ({ word: query, what: onOneLine(text ?? '').slice(0, 60) }))
  }
  const { data: nodes } = await client.call('GET', '/api/v1/nodes', nodesAnswer)
  switch (wanted.kind) {
    case 'node':
      return nodes.map(nodeWord)
    case 'member':
      return nodes.filter(({ cluster }) => cluster === wanted.of).map(nodeWord)
    case 'cluster':
      return [...Map.groupBy(nodes, ({ cluster }) => cluster)].map(([word, members]) => ({
        word,
        what: `${members.length} nodes`,
      }))
    case 'server':
      return nodes.flatMap(({ servers }) => servers.map(({ server, kind }) => ({ word: server, what: kind })))
    default: {
      const node = nodes.find(({ connected }) => connected)?.node
      if (node === undefined) return []
      const actions = await askForActions(client, node)
      if (wanted.kind === 'argument') return argumentWords(actions, wanted, prefix)
      if (wanted.kind === 'action') return actions.map(({ kind, what }) => ({ word: kind, what }))
      return reportsOf(actions).map(({ name }) => ({ word: name, what: 'report' }))
    }
  }
}

function nodeWord({ node, role, up }: NodeView): Candidate {
  return { word: node, what: up === false ? 'down' : (role ?? '') }
}

function argumentWords(
  actions: readonly ActionDescription[],
  { of, name }: Extract<Wanted, { readonly kind: 'argument' }>,
  prefix: string,
): readonly Candidate[] {
  const action =
    of === 'report'
      ? reportsOf(actions).find((one) => one.name === name)?.action
      : actions.find(({ kind }) => kind === name)
  if (action === undefined) return []
  const args = argumentsOf(action).filter((one) => of === 'action' || one.name !== 'report')
  return args.flatMap((one) => (prefix.includes('=') ? valuesOf(one) : nameOf(one)))
}

function nameOf({ name, description }: Argument): Candidate {
  return { word: `${name}=`, what: description }
}

/** Whole words, where only some values are allowed. */
function valuesOf({ name, types, choices }: Argument): readonly Candidate[] {
  const values = choices ?? (types.includes('boolean') ? ['true', 'false'] : [])
  return values.map((value) => ({ word: `${name}=${value}`, what: '' }))
}
