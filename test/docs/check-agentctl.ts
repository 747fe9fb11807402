import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeAction } from '../../agent/actions/describe-action.ts'
import { kinds } from '../../agent/actions/kinds.ts'
import { reports } from '../../agent/actions/reports.ts'
import { reportsOfPooler } from '../../agent/actions/reports-of-pooler.ts'
import { parseArguments } from '../../agentctl/steer/parse-arguments.ts'
import { messageOf } from '../../common/errors.ts'
import { runAgentctl } from '../agentctl/run-agentctl.ts'
import { problemsOfQuery } from './check-query.ts'

/** What a document writes where a reader puts a name of his own. */
const placeholders: Readonly<Record<string, string>> = {
  '<id>': '6f1c2f0e',
  '<xid>': '731',
  '<url>': 'http://127.0.0.1:9',
}

/** How commands say that something has to follow. */
export const incomplete =
  /missing required argument|a command is missing|required option|no node was selected/

/**
 * One call of agentctl, as far as no collector is needed: commands, arguments, flags and their values by its own parser, actions
 * and reports by what the agent has, queries by the collector's parser.
 * @param isWhole whether it has to have all arguments, or names a command only
 */
export async function problemsOfAgentctl(
  given: readonly string[],
  isWhole: boolean,
): Promise<readonly string[]> {
  const words = given.map((word) => word.replaceAll(/<[\w-]+>/g, (name) => placeholders[name] ?? 'pg-main'))
  const home = mkdtempSync(join(tmpdir(), 'pgherd-snippet-'))
  try {
    // Whatever parses asks a collector that is not there, or has nothing to ask.
    const { error } = await runAgentctl(words, {
      url: 'http://127.0.0.1:9',
      home,
      signal: AbortSignal.abort(),
      openScreen: () => undefined,
      // A passphrase, twice.
      answers: Array<string>(2).fill('correct horse battery staple'),
    })
    const isIncomplete = incomplete.test(error?.message ?? '')
    if (error?.code === 'USAGE' && !(isIncomplete && !isWhole)) return [error.message]
  } finally {
    rmSync(home, { recursive: true })
  }
  return [...problemsOfAction(words, isWhole), ...(await problemsOfAsked(words))]
}

function problemsOfAction(words: readonly string[], isWhole: boolean): readonly string[] {
  const at = words.findIndex((word) => word === 'run' || word === 'show' || word === 'actions')
  if (at < 0 || words.slice(0, at).some((word) => !word.startsWith('-'))) return []
  const [name, ...rest] = words.slice(at + 1)
  if (name === undefined || name.startsWith('-')) return []
  const args = rest.filter((word) => /^\w+=/.test(word))
  if (words[at] === 'show') {
    const ofPooler = /^pgbouncer-(.*)$/.exec(name)?.[1]
    const known = ofPooler === undefined ? reports : reportsOfPooler
    if (known.every((report) => report.name !== (ofPooler ?? name))) return [`there is no report ${name}`]
    return argumentProblems(ofPooler === undefined ? 'show' : 'pgbouncer-show', [
      `report=${ofPooler ?? name}`,
      ...args,
    ])
  }
  // Each agent has this one beside its kinds.
  if (name === 'cancel') return []
  const problems = argumentProblems(name, args)
  return isWhole && words[at] === 'run' ? problems : problems.filter((problem) => !/ missing /.test(problem))
}

function argumentProblems(kind: string, args: readonly string[]): readonly string[] {
  const action = kinds.find((one) => one.kind === kind)
  if (action === undefined) return [`there is no action ${kind}`]
  try {
    parseArguments(describeAction(action), args)
    return []
  } catch (error) {
    return [messageOf(error)]
  }
}

async function problemsOfAsked(words: readonly string[]): Promise<readonly string[]> {
  const at = words.indexOf('query')
  const expression = words[at + 1]
  if (at < 0 || expression === undefined || words.slice(0, at).some((word) => !word.startsWith('-')))
    return []
  return problemsOfQuery(expression)
}
