import { describe, expect, test } from 'vitest'
import { fakeCollector } from '../fake-collector.ts'
import { runAgentctl } from '../run-agentctl.ts'

const alert = (alertname: string, labels: Readonly<Record<string, string>> = {}, more: object = {}) => ({
  labels: { alertname, cls: 'pg-main', ins: 'pg-main-1', severity: 'CRIT', ...labels },
  annotations: {
    summary: `${alertname} of ${labels['ins'] ?? 'pg-main-1'}`,
    description: 'The server has stopped. First, on 10.0.0.1: 1. pg_lsclusters 2. `journalctl -n 50`',
    runbook_url: 'docs/18-alerts.md#postgresdown',
    dashboard: '/d/pgherd-instance?var-ins=pg-main-1',
  },
  state: 'firing',
  activeAt: '2023-11-14T22:13:20.000Z',
  value: '0e+00',
  ...more,
})

const some = [
  alert('PgLag', { severity: 'WARN', ins: 'pg-main-2', cls: 'pg-test' }),
  alert('DiskFills', { severity: 'INFO' }, { state: 'pending' }),
  alert('PostgresDown'),
]
const listing = () => fakeCollector({ 'GET /api/v1/alerts': () => ({ alerts: some }) })

describe('agentctl alerts', () => {
  test('lists what fires first, the worst at the top', async () => {
    const { url } = await listing()
    expect((await runAgentctl(['alerts'], { url })).out).toMatchInlineSnapshot(`
      "SEVERITY  STATE        SINCE  CLUSTER  INSTANCE   ALERT         SUMMARY
      CRIT      firing   1m40s ago  pg-main  pg-main-1  PostgresDown  PostgresDown of pg-main-1
      WARN      firing   1m40s ago  pg-test  pg-main-2  PgLag         PgLag of pg-main-2
      INFO      pending  1m40s ago  pg-main  pg-main-1  DiskFills     DiskFills of pg-main-1"
    `)
  })

  test.each([
    [['--cluster', 'pg-test'], ['PgLag']],
    [
      ['--severity', 'CRIT', 'WARN'],
      ['PostgresDown', 'PgLag'],
    ],
    [['--firing'], ['PostgresDown', 'PgLag']],
    [['-c', 'pg-main', '--firing'], ['PostgresDown']],
  ])('%j narrows the list', async (flags, names) => {
    const { url } = await listing()
    const { out } = await runAgentctl(['alerts', ...flags, '--json'], { url })
    const shown = JSON.parse(out) as { labels: { alertname: string } }[]
    expect(shown.map(({ labels }) => labels.alertname)).toEqual(names)
  })

  test('says so when nothing is wrong, and when only other alerts are there', async () => {
    const { url } = await fakeCollector({ 'GET /api/v1/alerts': () => ({ alerts: [] }) })
    expect((await runAgentctl(['alerts'], { url })).out).toBe(
      'nothing is wrong: no alert fires or is pending',
    )
    const other = await listing()
    expect((await runAgentctl(['alerts', '-c', 'pg-x'], other)).out).toBe(
      'no alert is like that; there are 3 others',
    )
  })

  test('what somebody wrote into a label cannot speak to the terminal', async () => {
    const { url } = await fakeCollector({
      'GET /api/v1/alerts': () => ({ alerts: [alert('Evil', { ins: 'x\u001b[2J' })] }),
    })
    expect((await runAgentctl(['alerts'], { url })).out).not.toContain('\u001b')
  })
})

const rule = (name: string, alerts: readonly unknown[]) => ({
  type: 'alerting',
  name,
  query: 'pg_up == 0',
  health: 'ok',
  evaluationTime: 0.001,
  lastEvaluation: '2023-11-14T22:15:00.000Z',
  state: alerts.length > 0 ? 'firing' : 'inactive',
  duration: 10,
  labels: {},
  annotations: { runbook_url: 'docs/18-alerts.md#postgresdown', summary: '{{ $labels.ins }} is down' },
  alerts,
})
const rules = (...shown: readonly unknown[]) =>
  fakeCollector({
    'GET /api/v1/rules': () => ({ groups: [{ name: 'g', file: 'rules/a.yaml', interval: 5, rules: shown }] }),
  })

describe('agentctl alerts show', () => {
  test('has what it means, what to do first, and where it says more', async () => {
    const { url } = await rules(rule('PostgresDown', [alert('PostgresDown', { job: 'pgsql' })]))
    expect((await runAgentctl(['alerts', 'show', 'PostgresDown'], { url })).out).toMatchInlineSnapshot(`
      "PostgresDown: PostgresDown of pg-main-1
      state      firing
      severity   CRIT
      since      2023-11-14 22:13:20 UTC, 1m40s
      value      0e+00
      cluster    pg-main
      instance   pg-main-1
      labels     job=pgsql
      runbook    docs/18-alerts.md#postgresdown
      dashboard  /d/pgherd-instance?var-ins=pg-main-1
      The server has stopped.
      First, on 10.0.0.1:
        1. pg_lsclusters
        2. journalctl -n 50

      rule        PostgresDown
      expression  pg_up == 0
      for         10s
      health      ok"
    `)
  })

  test('of one that does not fire shows the rule', async () => {
    const { url } = await rules(rule('PostgresDown', []))
    expect((await runAgentctl(['alerts', 'show', 'PostgresDown'], { url })).out).toMatchInlineSnapshot(`
      "PostgresDown is neither firing nor pending
      rule        PostgresDown
      expression  pg_up == 0
      for         10s
      health      ok
      runbook     docs/18-alerts.md#postgresdown"
    `)
  })

  test('of one that there is not names those that sound like it', async () => {
    const { url } = await rules(rule('PostgresDown', []), rule('DiskFills', []))
    const { error } = await runAgentctl(['alerts', 'show', 'PostgresDwon'], { url })
    expect(error).toMatchObject({
      exit: 1,
      message: 'no alert is called "PostgresDwon"; allowed: PostgresDown',
    })
  })
})

describe('agentctl rules list', () => {
  test('shows health, the last evaluation and the last error', async () => {
    const broken = { ...rule('Broken', []), health: 'err', lastError: 'a query takes too long' }
    const fresh = { ...rule('Fresh', []), health: 'unknown', lastEvaluation: '0001-01-01T00:00:00Z' }
    const { url, asked } = await rules(rule('PostgresDown', [alert('PostgresDown')]), broken, fresh)
    expect((await runAgentctl(['rules', 'list'], { url })).out).toMatchInlineSnapshot(`
      "GROUP  RULE          TYPE      HEALTH   STATE     EVALUATED   TOOK  LAST ERROR
      g      PostgresDown  alerting  ok       firing       0s ago  1.0ms
      g      Broken        alerting  err      inactive     0s ago  1.0ms  a query takes too long
      g      Fresh         alerting  unknown  inactive      never  1.0ms"
    `)
    expect((await runAgentctl(['rules', 'list', '--health', 'err', '--type', 'alert'], { url })).out).toMatch(
      /^GROUP.*\ng +Broken[^\n]*$/,
    )
    expect(asked[1]?.query.get('type')).toBe('alert')
  })
})
