import type { AlertView, RuleView } from '../../common/alerts/alert-views.ts'
import { describedAlert } from '../../common/alerts/first-steps.ts'
import { printDuration } from '../../common/config/kinds.ts'
import type { CliContext } from '../context.ts'
import { printFacts } from '../fact-lines.ts'
import { printMoment } from '../print-moment.ts'
import { printAge, printable } from '../terminal.ts'
import { byUrgency } from './severity.ts'

/** All of an alert, for a person: what it means, what to do first, and where it says more. */
export function showAlert(context: CliContext, rule: RuleView): void {
  const { terminal } = context
  const alerts = [...(rule.alerts ?? [])].sort(byUrgency)
  for (const alert of alerts) {
    showActive(context, alert)
    terminal.print('')
  }
  if (alerts.length === 0) terminal.print(printable(`${rule.name} is neither firing nor pending`))
  printFacts(terminal, [
    ['rule', rule.name],
    ['expression', rule.query],
    ['for', rule.duration === 0 ? 'at once' : printDuration((rule.duration ?? 0) * 1000)],
    ['health', rule.health],
    ['last error', rule.lastError],
    ...(alerts.length === 0 ? linksOf(rule.annotations ?? {}) : []),
  ])
}

function showActive({ terminal, clock }: CliContext, alert: AlertView): void {
  const { annotations, labels } = alert
  const activeMs = Date.parse(alert.activeAt)
  const { meaning, where, steps } = describedAlert(annotations['description'] ?? '')
  terminal.print(printable(`${labels['alertname'] ?? ''}: ${annotations['summary'] ?? ''}`))
  printFacts(terminal, [
    ['state', alert.state],
    ['severity', labels['severity']],
    ['since', `${printMoment(activeMs)} UTC, ${printAge(clock.now() - activeMs)}`],
    ['value', alert.value],
    ['cluster', labels['cls']],
    ['instance', labels['ins']],
    ['labels', others(labels)],
    ...linksOf(annotations),
  ])
  if (meaning !== '') terminal.print(printable(meaning))
  if (steps.length > 0) terminal.print(printable(`First${where === '' ? '' : `, ${where}`}:`))
  for (const [i, step] of steps.entries())
    terminal.print(printable(`  ${i + 1}. ${step.replaceAll('`', '')}`))
}

function linksOf(annotations: Readonly<Record<string, string>>) {
  return [
    ['runbook', annotations['runbook_url']],
    ['dashboard', annotations['dashboard']],
  ] as const
}

function others(labels: Readonly<Record<string, string>>): string {
  const shown = new Set(['alertname', 'severity', 'cls', 'ins'])
  return Object.entries(labels)
    .filter(([name]) => !shown.has(name))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}
