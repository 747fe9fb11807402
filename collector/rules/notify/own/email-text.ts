import { createHash } from 'node:crypto'
import { describedAlert } from '../../../../common/alerts/first-steps.ts'
import { commonOf, statusOf } from './notification.ts'
import type { Notification, ToldAlert } from './notification.ts'

export interface EmailText {
  readonly subject: string
  readonly text: string
  /** The same for all messages about a group, so that they stand in one thread. */
  readonly thread: string
}

/** More than anybody reads; the web page has all. */
const maxAlerts = 50

/** What an e-mail says about a group of alerts: plain text, what to do first before labels. */
export function emailText(notification: Notification, externalUrl: string): EmailText {
  const { alerts, groupKey } = notification
  const firing = alerts.filter(({ endedAtMs }) => endedAtMs === undefined)
  const shown = alerts.slice(0, maxAlerts)
  const more = alerts.length - shown.length
  const links = externalUrl === '' ? [] : ['', `All alerts: ${externalUrl.replace(/\/$/, '')}/alerts`]
  return {
    subject: subjectOf(notification, firing.length),
    text: [
      shown.map(alertText).join('\n\n'),
      ...(more > 0 ? ['', `and ${more} more alert${more === 1 ? '' : 's'}`] : []),
      ...links,
      '',
    ].join('\n'),
    thread: createHash('sha256').update(groupKey).digest('hex').slice(0, 32),
  }
}

/** `[FIRING:2] PostgresDown pg-main CRIT`: what all have in common. */
function subjectOf(notification: Notification, firing: number): string {
  const labels = commonOf(notification.alerts.map((alert) => alert.labels))
  const names = ['alertname', 'cls', 'ins', 'severity'].flatMap((name) => labels[name] ?? [])
  const status = statusOf(notification) === 'firing' ? `FIRING:${firing}` : 'RESOLVED'
  const what = names.length === 0 ? `${notification.alerts.length} alerts` : names.join(' ')
  // A line break would end the header.
  return `[${status}] ${what}`.replace(/\s+/g, ' ').slice(0, 200)
}

function alertText({ labels, annotations, startsAtMs, endedAtMs, generatorUrl }: ToldAlert): string {
  const { summary, description, runbook_url: runbook, ...others } = annotations
  const name = labels['alertname'] ?? 'alert'
  const since = `since ${momentText(startsAtMs)}`
  const state = endedAtMs === undefined ? `FIRING ${since}` : `RESOLVED at ${momentText(endedAtMs)}, ${since}`
  return [
    `${name}: ${state}`,
    ...(summary === undefined ? [] : [summary]),
    ...(description === undefined || endedAtMs !== undefined ? [] : adviceLines(description)),
    ...(runbook === undefined ? [] : [`Runbook: ${runbook}`]),
    ...Object.entries(others).map(([key, value]) => `${key}: ${value}`),
    ...(generatorUrl === undefined ? [] : [`Expression: ${generatorUrl}`]),
    `Labels: ${Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ')}`,
  ].join('\n')
}

/** What it means, then a line for each thing to do. */
function adviceLines(description: string): readonly string[] {
  const { meaning, where, steps } = describedAlert(description)
  if (steps.length === 0) return [meaning]
  return [
    meaning,
    `First${where === '' ? '' : `, ${where}`}:`,
    ...steps.map((step, i) => `  ${i + 1}. ${step.replaceAll('`', '')}`),
  ]
}

function momentText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
