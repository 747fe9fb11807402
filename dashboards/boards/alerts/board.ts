import type { Board } from '../../kit/board.ts'
import { clusters, severities } from '../../kit/variables.ts'
import { alerts as alertRow, now } from './alerts.ts'

export const alerts: Board = {
  name: 'alerts',
  title: 'Alerts',
  description: 'Alerts that fire, since when, and how often they did.',
  variables: [clusters, severities],
  rows: [now, alertRow],
  related: ['fleet', 'cluster', 'instance'],
  events: true,
}
