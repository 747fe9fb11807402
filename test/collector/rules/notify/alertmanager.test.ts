import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../../../common/clock.ts'
import { silentLog } from '../../../../common/log.ts'
import { createAlertmanagerNotifier } from '../../../../collector/rules/notify/alertmanager.ts'
import { createAlertmanagerClient } from '../../../../collector/rules/notify/alertmanager-client.ts'
import { alerting, createScriptedGroup, sample } from '../scripted-group.ts'

const hasAlertmanager = spawnSync('prometheus-alertmanager', ['--version']).status === 0

/** A real Alertmanager on a port that the kernel chose, without its cluster; it ends with the test. */
async function startAlertmanager(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-alertmanager-'))
  const config = join(directory, 'alertmanager.yml')
  writeFileSync(config, 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n')
  const child = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${config}`,
      '--web.listen-address=127.0.0.1:0',
      '--cluster.listen-address=',
      `--storage.path=${join(directory, 'data')}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  onTestFinished(async () => {
    if (child.exitCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    rmSync(directory, { recursive: true })
  })
  const address = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const match = /(?:msg="Listening on"|Listening).*address=(127\.0\.0\.1:\d+)/.exec(said)
      if (match?.[1] !== undefined) resolve(match[1])
    })
    child.once('exit', () => reject(new Error(said)))
  })
  const url = `http://${address}`
  await vi.waitFor(async () => expect((await fetch(`${url}/-/ready`)).status).toBe(200), { timeout: 5000 })
  return url
}

interface SeenAlert {
  readonly labels: Record<string, string>
  readonly annotations: Record<string, string>
  readonly startsAt: string
  readonly endsAt: string
  readonly generatorURL: string
}

test.skipIf(!hasAlertmanager)(
  'a real Alertmanager shows an alert of a rule while it fires, and no longer when it has ended',
  { timeout: 20_000 },
  async () => {
    const url = await startAlertmanager()
    const clients = [createAlertmanagerClient({ url })]
    const registry = new Registry()
    const notifier = createAlertmanagerNotifier({
      clients,
      clock: systemClock,
      log: silentLog,
      registry,
    })
    onTestFinished(async () => {
      await notifier[Symbol.asyncDispose]()
      for (const client of clients) client[Symbol.dispose]()
    })
    const shown = async (): Promise<SeenAlert[]> =>
      (await (await fetch(`${url}/api/v2/alerts`)).json()) as SeenAlert[]
    const group = createScriptedGroup(
      [
        alerting({
          labels: { severity: 'CRIT', empty: '' },
          annotations: { summary: '{{ $labels.ins }} down' },
        }),
      ],
      { notify: notifier.notify, externalUrl: 'http://pgherd.example' },
    )

    const startMs = Math.floor(Date.now() / 1000) * 1000 - 60_000
    group.results.set('down', [sample({ __name__: 'up', ins: 'a' }, 0), sample({ ins: 'b ü"' }, 0)])
    await group.at(startMs / 1000)
    await vi.waitFor(async () => expect(await shown()).toHaveLength(2), { timeout: 5000 })
    const alerts = (await shown()).sort((a, b) => (a.labels['ins']! < b.labels['ins']! ? -1 : 1))
    expect(alerts.map(({ labels }) => labels)).toEqual([
      { alertname: 'Down', ins: 'a', severity: 'CRIT' },
      { alertname: 'Down', ins: 'b ü"', severity: 'CRIT' },
    ])
    expect(alerts[0]).toMatchObject({
      annotations: { summary: 'a down' },
      generatorURL: 'http://pgherd.example/?expr=down',
    })
    expect(Date.parse(alerts[0]!.startsAt)).toBe(startMs)
    expect(Date.parse(alerts[0]!.endsAt)).toBe(startMs + 240_000)

    group.results.set('down', [])
    await group.at(startMs / 1000 + 10)
    await vi.waitFor(async () => expect(await shown()).toEqual([]), { timeout: 5000 })
    expect(await registry.metrics()).not.toMatch(/notifications_dropped_total\{/)
  },
)
