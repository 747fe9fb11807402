import { Option } from 'commander'
import type { Command } from 'commander'
import { querySorts } from '../../common/insight/queries-view.ts'
import type { CliContext } from '../context.ts'
import { addRange, addScope, parseRange } from '../queries/query-scope.ts'
import type { RangeFlags, ScopeFlags } from '../queries/query-scope.ts'
import { showCompared } from '../queries/show-compared.ts'
import type { CompareFlags } from '../queries/show-compared.ts'
import { showOne } from '../queries/show-one.ts'
import { showTop } from '../queries/show-top.ts'
import type { TopFlags } from '../queries/show-top.ts'
import { wholeNumber } from '../whole-number.ts'

/** `agentctl queries`: what statements do and take, by their percentiles; over any range that is stored. */
export function addQueries(program: Command, context: CliContext): void {
  const queries = program
    .command('queries')
    .description('show which statements take the time, one of them in full, and what changed')
    .addHelpText(
      'after',
      `
Percentiles are estimated from the moments of pg_stat_statements: ? marks those that can hardly be relied on, * those of which calls are missing, - too few
calls. SHARE is of the time of all statements; those without figures of their own are together in the line "other".

Examples:
  agentctl queries top -c pg-main --since 24h
  agentctl queries top -s pg-main-1 --sort p95 --limit 5
  agentctl queries show -2641308432719236745 -c pg-main
  agentctl queries compare -c pg-main --before now-25h..now-24h --after now-1h..now
  agentctl queries top --json | jq -r '.rows[].text'

Exit status: 0 shown, 1 no such statement, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
  addRange(addScope(queries.command('top')))
    .description('list the statements that took most time, or most of something else')
    .addOption(sortOption())
    .addOption(limitOption())
    .action((flags: TopFlags) => showTop(context, flags))
  addRange(addScope(queries.command('show')))
    .description('show one statement: its text, percentiles and how sure they are, trend, and each server')
    .argument('<queryid>', 'its number, as top shows it')
    .action((query: string, flags: ScopeFlags & RangeFlags) => showOne(context, query, flags))
  addScope(queries.command('compare'))
    .description('compare two ranges: which statements changed most')
    .addOption(rangeOption('--before', 'the earlier range, FROM..TO', 'now-25h..now-24h'))
    .addOption(rangeOption('--after', 'the later range, FROM..TO', 'now-1h..now'))
    .addOption(sortOption())
    .addOption(limitOption())
    .action((flags: CompareFlags) => showCompared(context, flags))
}

function sortOption(): Option {
  return new Option('--sort <figure>', 'what the largest of stands first').choices(querySorts).default('time')
}

function limitOption(): Option {
  return new Option('--limit <n>', 'at most so many').default(20).argParser(wholeNumber(1, 200))
}

function rangeOption(flag: string, what: string, usual: string): Option {
  return new Option(`${flag} <range>`, what).default(parseRange(usual), usual).argParser(parseRange)
}
