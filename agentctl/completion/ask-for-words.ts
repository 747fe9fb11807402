import { commandsAnswer } from '../../common/command/command-view.ts'
import { nodesAnswer } from '../../common/wire/nodes.ts'
import type { CollectorClient } from '../client.ts'
import { askForActions } from '../steer/ask-for-actions.ts'
import { shortId } from '../steer/find-command.ts'
import { argumentsOf } from '../steer/parse-arguments.ts'
import type { Candidate, Wanted } from './complete.ts'

/**
 * The words that only the collector knows.
 * @throws PgherdError as the collector answers
 */
export async function askForWords(client: CollectorClient, wanted: Wanted): Promise<readonly Candidate[]> {
  if (wanted.kind === 'command') {
    const { data } = await client.call('GET', '/api/v1/commands?limit=20', commandsAnswer)
    return data.map(({ id, kind, node, state }) => ({
      word: shortId(id),
      what: `${kind} on ${node}, ${state}`,
    }))
  }
  const { data: nodes } = await client.call('GET', '/api/v1/nodes', nodesAnswer)
  switch (wanted.kind) {
    case 'node':
      return nodes.map(({ node, role, up }) => ({
        word: node,
        what: up === false ? 'down' : (role ?? ''),
      }))
    case 'cluster':
      return [...Map.groupBy(nodes, ({ cluster }) => cluster)].map(([word, members]) => ({
        word,
        what: `${members.length} nodes`,
      }))
    default: {
      const node = nodes.find(({ connected }) => connected)?.node
      if (node === undefined) return []
      const actions = await askForActions(client, node)
      if (wanted.kind === 'action') return actions.map(({ kind, what }) => ({ word: kind, what }))
      const sought = wanted.kind === 'argument' ? wanted.action : 'show'
      const action = actions.find(({ kind }) => kind === sought)
      if (action === undefined) return []
      const args = argumentsOf(action)
      if (wanted.kind === 'argument') {
        const asked = args.filter(({ name }) => action.kind !== 'show' || name !== 'report')
        return asked.map(({ name, description }) => ({ word: `${name}=`, what: description }))
      }
      const reports = args.find(({ name }) => name === 'report')?.choices ?? []
      return reports.map((word) => ({ word, what: 'report' }))
    }
  }
}
