import type { AlertView } from '../../common/alerts/alert-views.ts'
import type { Tone } from '../table.ts'

/** The worst first; others stand behind them. */
export const severities = ['CRIT', 'WARN', 'INFO'] as const

/** For a list: what fires first, then by severity, then the newest. */
export function byUrgency(a: AlertView, b: AlertView): number {
  return (
    Number(b.state === 'firing') - Number(a.state === 'firing') ||
    rank(a) - rank(b) ||
    Date.parse(b.activeAt) - Date.parse(a.activeAt)
  )
}

export function severityTone(cell: string): Tone | undefined {
  return cell === 'CRIT' ? 'bad' : cell === 'WARN' ? 'warning' : undefined
}

function rank({ labels }: AlertView): number {
  const place = severities.findIndex((one) => one === labels['severity'])
  return place === -1 ? severities.length : place
}
