import { Option } from 'commander'
import type { Command } from 'commander'
import { rulesAnswer } from '../../common/alerts/alert-views.ts'
import type { RuleView } from '../../common/alerts/alert-views.ts'
import { reportLines } from '../../common/alerts/report-lines.ts'
import { ruleCheckAnswer, ruleTestsAnswer } from '../../common/alerts/rule-files.ts'
import { PgherdError } from '../../common/errors.ts'
import { readRuleFiles, readTestFiles } from '../alerts/rule-uploads.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { printAge, printable } from '../terminal.ts'
import { withQuery } from '../with-query.ts'

/** As long as the collector lets tests take. */
const testMs = 30_000

/** `agentctl rules`: how those in force do, and what the collector says of those that are to be. */
export function addRules(program: Command, context: CliContext): void {
  const rules = program
    .command('rules')
    .description('list the rules with their health; check rule files and run their unit tests')
    .addHelpText(
      'after',
      `
check and test send the files to the collector, which evaluates them as it would those in force, and puts nothing in force (role
operator). Unit tests are in the format of promtool. Where there is no collector, in CI, pgherd-collector rules does the same.

Examples:
  agentctl rules list
  agentctl rules list --health err
  agentctl rules check rules/own.yaml
  agentctl rules test 'rules/*.test.yaml'

Exit status: 0 done, 1 rules or tests with something wrong, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
  rules
    .command('list')
    .description('list the rules in force: health, last evaluation, last error')
    .addOption(new Option('--health <health>', 'only these').choices(['ok', 'err', 'unknown']))
    .addOption(new Option('--type <type>', 'only these').choices(['alert', 'record']))
    .action((filters: { health?: string; type?: string }) => list(context, filters))
  rules
    .command('check')
    .description('have the collector read rule files without putting them in force')
    .argument('<file...>', '* stands for any name')
    .action(async (paths: readonly string[]) => {
      const json = { files: await readRuleFiles(paths) }
      const { data } = await context.client().call('POST', '/api/v1/rules/check', ruleCheckAnswer, { json })
      const { files, groups, rules: count, problems } = data
      const lines =
        problems.length > 0 ? problems : [`${files} files with ${groups} groups and ${count} rules are valid`]
      print(context, lines, data)
      if (problems.length > 0)
        throw new PgherdError('COMMAND_FAILED', `${problems.length} problems were found`)
    })
  rules
    .command('test')
    .description('have the collector run unit tests of rules, in the format of promtool')
    .argument('<file...>', 'the tests; the rule files that they name are sent along')
    .action(async (paths: readonly string[]) => {
      const json = await readTestFiles(paths)
      const body = { json, extraMs: testMs, signal: context.signal }
      const { data } = await context.client().call('POST', '/api/v1/rules/test', ruleTestsAnswer, body)
      print(context, data.flatMap(reportLines), data)
      const failed = data.filter(({ failures, problems }) => failures.length + problems.length > 0)
      if (failed.length > 0) {
        throw new PgherdError('COMMAND_FAILED', `${failed.length} of ${data.length} files did not pass`)
      }
    })
}

function print(context: CliContext, lines: readonly string[], data: unknown): void {
  if (context.format() === 'json' || context.format() === 'yaml') {
    present(context, { columns: [], rows: [], data, nothing: '' })
    return
  }
  for (const line of lines) context.terminal.print(printable(line))
}

async function list(context: CliContext, filters: { health?: string; type?: string }): Promise<void> {
  const path = withQuery('/api/v1/rules', { exclude_alerts: 'true', type: filters.type })
  const { data } = await context.client().call('GET', path, rulesAnswer)
  const nowMs = context.clock.now()
  const shown = data.groups.flatMap((group) =>
    group.rules
      .filter(({ health }) => filters.health === undefined || health === filters.health)
      .map((rule) => ({ group: group.name, file: group.file, interval: group.interval, ...rule })),
  )
  present(context, {
    columns: [
      { title: 'GROUP', spare: 2 },
      { title: 'RULE' },
      { title: 'TYPE', spare: 3 },
      { title: 'HEALTH', tone: (cell) => (cell === 'err' ? 'bad' : cell === 'ok' ? undefined : 'warning') },
      { title: 'STATE' },
      { title: 'EVALUATED', align: 'right' },
      { title: 'TOOK', align: 'right', spare: 1 },
      { title: 'LAST ERROR', onlyIfFilled: true, tone: () => 'bad' },
    ],
    rows: shown.map((rule) => row(rule, rule.group, nowMs)),
    data: shown,
    nothing: filters.health === undefined ? 'the collector has no rules' : `no rule is ${filters.health}`,
  })
}

function row(rule: RuleView, group: string, nowMs: number): readonly string[] {
  const evaluatedMs = Date.parse(rule.lastEvaluation)
  return [
    group,
    rule.name,
    rule.type,
    rule.health,
    rule.state ?? '-',
    // Never is the zero time of Go, long before 1970.
    evaluatedMs > 0 ? `${printAge(nowMs - evaluatedMs)} ago` : 'never',
    `${(rule.evaluationTime * 1000).toFixed(rule.evaluationTime < 0.01 ? 1 : 0)}ms`,
    rule.lastError ?? '',
  ]
}
