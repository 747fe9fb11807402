import { Option } from 'commander'
import type { Command } from 'commander'
import { alertsAnswer, rulesAnswer } from '../../common/alerts/alert-views.ts'
import type { AlertView } from '../../common/alerts/alert-views.ts'
import { PgherdError } from '../../common/errors.ts'
import { suggestions } from '../../common/suggestions.ts'
import { byUrgency, severities, severityTone } from '../alerts/severity.ts'
import { showAlert } from '../alerts/show-alert.ts'
import { asJson } from '../as-json.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { printAge } from '../terminal.ts'

interface Filters {
  readonly cluster?: readonly string[]
  readonly severity?: readonly string[]
  readonly firing: boolean
  readonly json: boolean
}

/** `agentctl alerts`: what is wrong now, the worst first; `alerts show` has what to do about it. */
export function addAlerts(program: Command, context: CliContext): void {
  const alerts = program
    .command('alerts')
    .description('list the alerts that fire or are pending; show what to do about one')
    .option('-c, --cluster <name...>', 'only alerts of these clusters')
    .addOption(new Option('--severity <severity...>', 'only these').choices(severities))
    .option('--firing', 'not those that are pending', false)
    .option('--json', 'the same as -o json', false)
    .addHelpText(
      'after',
      `
What fires stands first, the worst of it at the top. Pending is what will fire unless it ends soon.

Examples:
  agentctl alerts
  agentctl alerts -c pg-main --severity CRIT WARN --firing
  agentctl alerts show PostgresDown
  agentctl watch alerts
  agentctl alerts --json | jq -r '.[].labels.ins'

Exit status: 0 shown, 1 no such alert, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
    .action((filters: Filters) => list(context, filters))
  alerts
    .command('show')
    .description('show what an alert means, what to do first, and whom it concerns now')
    .argument('<alert>', 'its name, such as PostgresDown')
    .action((name: string) => show(context, name))
}

async function list(context: CliContext, filters: Filters): Promise<void> {
  const { data } = await context.client().call('GET', '/api/v1/alerts', alertsAnswer)
  const isWanted = (wanted: readonly string[] | undefined, value: string | undefined): boolean =>
    wanted === undefined || (value !== undefined && wanted.includes(value))
  const shown = data.alerts
    .filter(({ labels, state }) => {
      const isAllowed = !filters.firing || state === 'firing'
      return (
        isAllowed &&
        isWanted(filters.cluster, labels['cls']) &&
        isWanted(filters.severity, labels['severity'])
      )
    })
    .sort(byUrgency)
  const nowMs = context.clock.now()
  present(asJson(context, filters), {
    columns: [
      { title: 'SEVERITY', tone: severityTone },
      { title: 'STATE' },
      { title: 'SINCE', align: 'right' },
      { title: 'CLUSTER', spare: 2 },
      { title: 'INSTANCE' },
      { title: 'ALERT' },
      { title: 'SUMMARY', spare: 1 },
    ],
    rows: shown.map((alert) => row(alert, nowMs)),
    data: shown,
    nothing:
      data.alerts.length === 0
        ? 'nothing is wrong: no alert fires or is pending'
        : `no alert is like that; there are ${data.alerts.length} others`,
  })
}

function row({ labels, annotations, state, activeAt }: AlertView, nowMs: number): readonly string[] {
  return [
    labels['severity'] ?? '-',
    state,
    `${printAge(nowMs - Date.parse(activeAt))} ago`,
    labels['cls'] ?? '-',
    labels['ins'] ?? labels['instance'] ?? '-',
    labels['alertname'] ?? '',
    annotations['summary'] ?? '',
  ]
}

async function show(context: CliContext, name: string): Promise<void> {
  const { data } = await context.client().call('GET', '/api/v1/rules?type=alert', rulesAnswer)
  const rules = data.groups.flatMap((group) => group.rules)
  const named = rules.filter((rule) => rule.name === name)
  if (named.length === 0) {
    const names = [...new Set(rules.map((rule) => rule.name))].sort()
    const allowed =
      names.length === 0 ? 'the collector has no rules of alerts' : `allowed: ${suggestions(name, names)}`
    throw new PgherdError('NOT_FOUND', `no alert is called "${name}"; ${allowed}`)
  }
  if (context.format() !== 'table') {
    const columns = [{ title: 'ALERT' }, { title: 'STATE' }, { title: 'EXPRESSION' }]
    const rows = named.map((rule) => [rule.name, rule.state ?? '', rule.query])
    present(context, { columns, rows, data: named, nothing: '' })
    return
  }
  for (const rule of named) showAlert(context, rule)
}
