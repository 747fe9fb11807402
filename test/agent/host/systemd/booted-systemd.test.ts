import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createSystemdReader } from '../../../../agent/host/systemd/systemd-reader.ts'
import type { SystemdReader } from '../../../../agent/host/systemd/systemd-reader.ts'
import { systemClock } from '../../../../common/clock.ts'
import type { SampleTable } from '../../../../common/series/sample-table.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { createManualClock } from '../../../manual-clock.ts'
import type { ManualClock } from '../../../manual-clock.ts'
import { bootSystemd, canBootSystemd } from './booted-systemd.ts'
import type { BootedSystemd } from './booted-systemd.ts'

let host: BootedSystemd

const units = {
  'pgherd-demo.service': '[Service]\nExecStart=/bin/sleep infinity\nRestart=always\nRestartSec=0\n',
  'pgherd-broken.service': '[Service]\nType=oneshot\nExecStart=/bin/false\n',
  'pgherd-idle.timer': '[Timer]\nOnCalendar=yearly\n',
  'pgherd-idle.service': '[Service]\nExecStart=/bin/true\n',
}

beforeAll(async () => {
  if (!canBootSystemd) return
  host = await bootSystemd()
  for (const [name, text] of Object.entries(units)) host.write(`/etc/systemd/system/${name}`, text)
  await host.run('systemctl', 'daemon-reload')
  await host.run('systemctl', 'start', 'pgherd-demo.service', 'pgherd-idle.timer', 'pgherd-broken.service')
  // The bus starts when it is first used, and systemd joins it after that.
  const sockets = [{ path: host.busSocket, isDirect: false }]
  await waitFor('systemd is on the bus', async () => {
    await using reader = createSystemdReader({ clock: systemClock, sockets })
    return await reader.read(5000)
  })
}, 20_000)

afterAll(async () => {
  if (canBootSystemd) await host[Symbol.asyncDispose]()
})

function readerOf(patterns = ['pgherd-*']): { reader: SystemdReader; clock: ManualClock } {
  const clock = createManualClock()
  const sockets = [{ path: host.busSocket, isDirect: false }]
  const reader = createSystemdReader({ clock, patterns, sockets })
  onTestFinished(() => reader[Symbol.asyncDispose]())
  return { reader, clock }
}

/** Samples as `name{label=value,...}`: value. */
function samples(tables: readonly SampleTable[] | undefined): Record<string, number> {
  const found: Record<string, number> = {}
  for (const { metrics, labelNames, rows } of tables ?? []) {
    for (const { labels, values } of rows) {
      const set = labelNames.map((name, i) => `${name}=${labels[i] ?? '?'}`).join()
      for (const [i, value] of values.entries()) {
        if (value !== undefined) found[`${metrics[i] ?? '?'}{${set}}`] = value
      }
    }
  }
  return found
}

const stateRows = (found: Record<string, number>): readonly string[] =>
  Object.keys(found).filter((key) => key.includes('unit_state') && found[key] === 1)

describe.skipIf(!canBootSystemd)('a real systemd behind its real bus', () => {
  test('each unit of the patterns is in one state, with the type of its service', async () => {
    const { reader } = readerOf()
    const found = samples(await reader.read(5000))
    expect(stateRows(found)).toEqual([
      'node_systemd_unit_state{name=pgherd-broken.service,state=failed,type=oneshot}',
      'node_systemd_unit_state{name=pgherd-demo.service,state=active,type=simple}',
      'node_systemd_unit_state{name=pgherd-idle.service,state=inactive,type=simple}',
      'node_systemd_unit_state{name=pgherd-idle.timer,state=active,type=}',
    ])
    expect(Object.keys(found).filter((key) => key.includes('unit_state'))).toHaveLength(4 * 5)
  })

  test('start times are those that systemctl shows', async () => {
    const { reader } = readerOf()
    const found = samples(await reader.read(5000))
    const shown = await host.run('systemctl', 'show', '-P', 'ActiveEnterTimestamp', 'pgherd-demo.service')
    const started = found['node_systemd_unit_start_time_seconds{name=pgherd-demo.service}']
    expect(Math.floor(started!)).toBe(Date.parse(shown.replace(/^\w+ /, '')) / 1000)
    expect(found['node_systemd_unit_start_time_seconds{name=pgherd-broken.service}']).toBe(0)
    expect(found).not.toHaveProperty(['node_systemd_service_restart_total{name=pgherd-idle.timer}'])
  })

  test('of the whole system there are the version, whether it runs well and how many units are in which state', async () => {
    const { reader } = readerOf()
    const found = samples(await reader.read(5000))
    const version = (await host.run('systemctl', 'show', '-P', 'Version')).trim()
    expect(found[`node_systemd_version{version=${version}}`]).toBe(Number(/\d+(\.\d+)?/.exec(version)?.[0]))
    expect(found['node_systemd_system_running{}']).toBe(0)
    expect(found['node_systemd_units{state=failed}']).toBe(1)
    const listed = await host.run('systemctl', 'list-units', '--all', '--plain', '--no-legend', '--no-pager')
    const counted = Object.keys(found).filter((key) => key.startsWith('node_systemd_units'))
    expect(counted.reduce((sum, key) => sum + found[key]!, 0)).toBe(listed.trim().split('\n').length)
  })

  test('a restart is counted within a minute although the unit is active before and after', async () => {
    const { reader, clock } = readerOf(['pgherd-demo.service'])
    const restarts = async (): Promise<number | undefined> =>
      samples(await reader.read(5000))['node_systemd_service_restart_total{name=pgherd-demo.service}']
    const before = await restarts()
    await host.run('systemctl', 'kill', '--signal=KILL', 'pgherd-demo.service')
    await waitFor('systemd has restarted it', async () => {
      const shown = await host.run('systemctl', 'show', '-P', 'NRestarts', 'pgherd-demo.service')
      return Number(shown) === before! + 1
    })
    await clock.advance(60_000)
    expect(await restarts()).toBe(before! + 1)
  })

  test('a changed state brings fresh properties at once', async () => {
    const { reader } = readerOf(['pgherd-demo.service'])
    const start = 'node_systemd_unit_start_time_seconds{name=pgherd-demo.service}'
    expect(samples(await reader.read(5000))[start]).toBeGreaterThan(0)
    await host.run('systemctl', 'stop', 'pgherd-demo.service')
    // Stopped and wanted by nobody, it is no longer in systemd's memory.
    expect(stateRows(samples(await reader.read(5000)))).toEqual([])
    await host.run('systemctl', 'start', 'pgherd-demo.service')
    expect(samples(await reader.read(5000))[start]).toBeGreaterThan(0)
  })

  test('after a restart of the bus the next scrapes connect anew', async () => {
    const { reader } = readerOf()
    await reader.read(5000)
    await host.run('systemctl', 'kill', '--signal=KILL', 'dbus.service')
    const tables = await waitFor('systemd is on the new bus', () => reader.read(5000).catch(() => undefined))
    expect(stateRows(samples(tables))).toContain(
      'node_systemd_unit_state{name=pgherd-demo.service,state=active,type=simple}',
    )
  })

  test('without ListUnitsByPatterns, as before systemd 230, the list of all units is filtered here', async () => {
    const { reader } = readerOf(['pgherd-[bd]*'])
    const before = stateRows(samples(await reader.read(5000)))
    host.write(
      '/etc/dbus-1/system.d/pgherd-test.conf',
      `<busconfig><policy context="mandatory">
        <deny send_interface="org.freedesktop.systemd1.Manager" send_member="ListUnitsByPatterns"/>
      </policy></busconfig>`,
    )
    await host.run('systemctl', 'reload', 'dbus.service')
    expect(await host.run('busctl', 'call', ...listUnitsByPatterns)).toHaveLength(0)
    expect(stateRows(samples(await reader.read(5000)))).toEqual(before)
    expect(before).toHaveLength(2)
  })

  test("systemd's own socket gives the same without a bus", async () => {
    // systemd trusts only whom it sees among its own processes, so this runs there.
    const text = `
      import { createSystemdReader } from '${host.repository}/agent/host/systemd/systemd-reader.ts'
      import { systemClock } from '${host.repository}/common/clock.ts'
      const sockets = [{ path: '/nowhere', isDirect: false }, { path: '/run/systemd/private', isDirect: true }]
      let tables
      // Twenty connections, because systemd loses a first call that comes at a bad moment.
      for (let i = 0; i < 20; i++) {
        await using reader = createSystemdReader({ clock: systemClock, patterns: ['pgherd-*'], sockets })
        tables = await reader.read(5000)
      }
      console.log(JSON.stringify(tables))`
    const printed = await host.run(process.execPath, '--input-type=module', '--eval', text)
    expect(stateRows(samples(JSON.parse(printed) as readonly SampleTable[]))).toContain(
      'node_systemd_unit_state{name=pgherd-demo.service,state=active,type=simple}',
    )
  })
})

const listUnitsByPatterns = [
  'org.freedesktop.systemd1',
  '/org/freedesktop/systemd1',
  'org.freedesktop.systemd1.Manager',
  'ListUnitsByPatterns',
  'asas',
  '0',
  '0',
]
