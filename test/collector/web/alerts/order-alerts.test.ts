import { expect, test } from 'vitest'
import { orderAlerts } from '../../../../collector/web/alerts/order-alerts.ts'
import type { Alert } from '../../../../collector/web/api/answers.ts'

const alert = (name: string, state: Alert['state'], severity: string, minute: number): Alert => ({
  labels: { alertname: name, severity },
  annotations: {},
  state,
  activeAt: `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`,
  value: '1',
})

test('firing comes before pending, then the graver, then the newer; what has ended is left out', () => {
  const alerts = [
    alert('ended', 'inactive', 'critical', 9),
    alert('soon', 'pending', 'critical', 9),
    alert('odd', 'firing', 'whatever', 9),
    alert('old', 'firing', 'warning', 1),
    alert('new', 'firing', 'WARN', 5),
    alert('worst', 'firing', 'CRIT', 0),
  ]
  expect(orderAlerts(alerts).map(({ labels }) => labels['alertname'])).toEqual([
    'worst',
    'new',
    'old',
    'odd',
    'soon',
  ])
})
