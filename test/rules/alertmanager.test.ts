import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadRuleFiles } from '../../collector/rules/load/load-rule-files.ts'
import { findProgram } from '../../testbed/find-program.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { freePort } from '../../testbed/ports.ts'
import { startChild } from '../../testbed/process.ts'
import { waitFor } from '../../testbed/wait.ts'

const file = 'rules/alertmanager.yml'
const matcherTexts = z.array(z.string())
const config = z
  .object({
    inhibit_rules: z.array(
      z.object({ source_matchers: matcherTexts, target_matchers: matcherTexts, equal: z.array(z.string()) }),
    ),
  })
  .parse(parse(readFileSync(file, 'utf8')))

const amtool = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync('amtool', args, { encoding: 'utf8', timeout: 30_000 })
  return { status, said: (stdout + stderr).trim() }
}

async function alertNames(): Promise<readonly string[]> {
  const files = globSync('rules/*.yaml').filter((name) => !name.endsWith('.test.yaml'))
  const groups = await loadRuleFiles(files, { defaultIntervalMs: 10_000, checkExpression: () => undefined })
  return groups.flatMap(({ rules }) => rules.flatMap((rule) => (rule.kind === 'alerting' ? [rule.name] : [])))
}

test('each alternative of a matcher on names is the name of an alert, or the beginning of one', async () => {
  const names = await alertNames()
  const matchers = config.inhibit_rules.flatMap((rule) => [...rule.source_matchers, ...rule.target_matchers])
  const patterns = matchers.flatMap((text) => /^alertname=~?"(.+)"$/.exec(text)?.[1] ?? [])
  expect(patterns.length).toBeGreaterThan(config.inhibit_rules.length)
  for (const pattern of patterns) {
    for (const one of alternatives(pattern)) {
      expect(
        names.filter((name) => new RegExp(`^(?:${one})$`).test(name)),
        one,
      ).not.toEqual([])
    }
  }
})

/** `A|B(C|D)` is A, BC and BD. */
function alternatives(pattern: string): readonly string[] {
  const group = /\(([^()]*)\)/.exec(pattern)
  if (group === null) return pattern.split('|')
  const parts = pattern.split(/\|(?![^(]*\))/)
  return parts.flatMap((part) => {
    const inner = /^(.*)\(([^()]*)\)(.*)$/.exec(part)
    return inner === null ? [part] : inner[2]!.split('|').map((one) => `${inner[1]}${one}${inner[3]}`)
  })
}

describe.skipIf(findProgram('amtool') === undefined)('with the real amtool', () => {
  test('the configuration is valid', () => {
    const { status, said } = amtool('check-config', file)
    expect(said).toContain('SUCCESS')
    expect(status).toBe(0)
  })

  test.each([
    ['pager', 'alertname=PostgresDown severity=CRIT category=pgsql cls=pg-main'],
    ['pager', 'alertname=ClusterDown severity=CRIT category=pgsql cls=pg-main'],
    ['pager', 'alertname=NodeDiskFull severity=CRIT category=node cls=pg-main ip=10.0.0.1'],
    ['pager', 'alertname=NotificationsFail severity=CRIT category=pgherd'],
    ['team', 'alertname=NodeCpuBusy severity=WARN category=node cls=pg-main ip=10.0.0.1'],
    ['team', 'alertname=PgReplicaLagBytes severity=WARN category=pgsql cls=pg-main'],
    ['team', 'alertname=AgentSilent severity=WARN category=pgherd cls=pg-main'],
    ['team', 'alertname=OfYourOwn'],
    ['notes', 'alertname=PgTableBloat severity=INFO category=pgsql cls=pg-main'],
  ])('%s gets %s', (receiver, labels) => {
    const { status, said } = amtool(
      'config',
      'routes',
      'test',
      `--config.file=${file}`,
      `--verify.receivers=${receiver}`,
      ...labels.split(' '),
    )
    expect({ status, said }).toMatchObject({ status: 0 })
    expect(said.split('\n')[0]).toBe(receiver)
  })
})

const alertmanager = findProgram('prometheus-alertmanager', 'alertmanager')
const posted = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    status: z.object({ state: z.string(), inhibitedBy: z.array(z.string()) }),
  }),
)

interface Given {
  readonly alertname: string
  readonly severity: string
  readonly category?: string
  readonly [label: string]: string | undefined
}

const one = (n: number) => ({ cls: 'pg-main', ins: `pg-main-${n}`, ip: `10.0.0.${n}` })
const cluster = { cls: 'pg-main', category: 'pgsql' }
/** What fires beside each other because of one cause, and which of it is told. */
const causes: readonly { what: string; alerts: readonly Given[]; told: readonly string[] }[] = [
  {
    what: 'a primary that was killed',
    alerts: [
      { alertname: 'PostgresDown', severity: 'CRIT', category: 'pgsql', ...one(1) },
      { alertname: 'ClusterNoPrimary', severity: 'CRIT', ...cluster },
      { alertname: 'ClusterFailoverUnsafe', severity: 'WARN', ...cluster },
      { alertname: 'ClusterReplicaBroken', severity: 'WARN', ...cluster },
      { alertname: 'PgReceiverStopped', severity: 'WARN', category: 'pgsql', ...one(2) },
      { alertname: 'PgReplicaLagSeconds', severity: 'WARN', category: 'pgsql', ...one(2) },
      { alertname: 'HaproxyBackendDown', severity: 'CRIT', category: 'haproxy', ...one(2) },
      { alertname: 'PgIdleInTransaction', severity: 'WARN', category: 'pgsql', ...one(1) },
      { alertname: 'NodeUnitFailed', severity: 'WARN', name: 'postgresql@17-main.service', ...one(1) },
    ],
    told: ['PostgresDown'],
  },
  {
    what: 'a standby that was killed',
    alerts: [
      { alertname: 'PostgresDown', severity: 'CRIT', category: 'pgsql', ...one(2) },
      { alertname: 'ClusterFailoverUnsafe', severity: 'WARN', ...cluster },
      { alertname: 'PgSlotUnread', severity: 'WARN', category: 'pgsql', slot_name: 'a', ...one(1) },
    ],
    told: ['PostgresDown'],
  },
  {
    what: 'a cluster that is down as a whole',
    alerts: [
      { alertname: 'ClusterDown', severity: 'CRIT', ...cluster },
      { alertname: 'PostgresDown', severity: 'CRIT', category: 'pgsql', ...one(1) },
      { alertname: 'PostgresDown', severity: 'CRIT', category: 'pgsql', ...one(2) },
      { alertname: 'ClusterNoPrimary', severity: 'CRIT', ...cluster },
    ],
    told: ['ClusterDown'],
  },
  {
    what: 'a host that is away',
    alerts: [
      { alertname: 'ClusterMemberSilent', severity: 'WARN', ...cluster },
      { alertname: 'ClusterFailoverUnsafe', severity: 'WARN', ...cluster },
      { alertname: 'PgSlotUnread', severity: 'WARN', category: 'pgsql', slot_name: 'a', ...one(1) },
    ],
    told: ['ClusterMemberSilent'],
  },
  {
    what: 'an archiver that fails until the disk is full',
    alerts: [
      { alertname: 'PgWalWaitsForArchive', severity: 'CRIT', category: 'pgsql', ...one(1) },
      { alertname: 'NodeDiskFullSoon', severity: 'CRIT', mountpoint: '/data', ...one(1) },
      { alertname: 'NodeDiskLow', severity: 'WARN', mountpoint: '/data', ...one(1) },
      { alertname: 'PgWalPilesUp', severity: 'WARN', category: 'pgsql', ...one(1) },
    ],
    told: ['PgWalWaitsForArchive'],
  },
  {
    what: 'servers of two clusters, which have nothing to do with each other',
    alerts: [
      { alertname: 'PostgresDown', severity: 'CRIT', category: 'pgsql', ...one(1) },
      {
        alertname: 'PgReplicaLagBytes',
        severity: 'WARN',
        category: 'pgsql',
        cls: 'pg-other',
        ins: 'pg-other-1',
      },
      { alertname: 'NodeDiskFull', severity: 'CRIT', category: 'node', mountpoint: '/data', ...one(1) },
    ],
    told: ['NodeDiskFull', 'PgReplicaLagBytes', 'PostgresDown'],
  },
]

test.skipIf(alertmanager === undefined)(
  'a real Alertmanager tells of one cause once',
  async () => {
    using own = createOwnDirectory({ prefix: 'pgherd-inhibition-' })
    // Nobody need be told here.
    const quiet = readFileSync(file, 'utf8').replace(/127\.0\.0\.1:9099/g, '127.0.0.1:1')
    writeFileSync(join(own.path, 'alertmanager.yml'), quiet)
    const url = `http://127.0.0.1:${await freePort()}`
    await using stack = new AsyncDisposableStack()
    const child = await startChild({
      name: 'Alertmanager',
      command: alertmanager!,
      args: [
        `--config.file=${join(own.path, 'alertmanager.yml')}`,
        `--storage.path=${join(own.path, 'data')}`,
        `--web.listen-address=${new URL(url).host}`,
        '--cluster.listen-address=',
      ],
      logFile: join(own.path, 'alertmanager.log'),
    })
    stack.defer(() => child.stop())
    await child.waitFor('it is ready', async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok)
    for (const { what, alerts, told } of causes) {
      const send = async (endsAt?: string) => {
        const body = alerts.map((labels) => ({ labels, ...(endsAt === undefined ? {} : { endsAt }) }))
        const answer = await fetch(`${url}/api/v2/alerts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
        expect(answer.status, what).toBe(200)
      }
      const active = async () => {
        const answer = await fetch(`${url}/api/v2/alerts?active=true&inhibited=true`)
        return posted.parse(await answer.json())
      }
      await send()
      await waitFor(`${what} is known`, async () => {
        const known = await active()
        return known.length === alerts.length && known.every(({ status }) => status.state !== 'unprocessed')
      })
      const named = async () =>
        (await active())
          .filter(({ status }) => status.inhibitedBy.length === 0)
          .map(({ labels }) => labels['alertname'])
          .sort()
      // It learns of sources in turns of its own.
      await expect.poll(named, { timeout: 10_000, message: what }).toEqual(told)
      await send(new Date(Date.now() - 1_000).toISOString())
      await waitFor(`${what} is over`, async () => (await active()).length === 0)
    }
  },
  60_000,
)
