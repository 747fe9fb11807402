import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { userInfo } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createClockSyncReader } from '../../../../agent/host/clock-sync/clock-sync-reader.ts'
import { systemClock } from '../../../../common/clock.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { freePorts } from '../../../../testbed/ports.ts'
import { startChild } from '../../../../testbed/process.ts'
import type { Child } from '../../../../testbed/process.ts'
import { startShiftedTimeServer } from './shifted-time-server.ts'

const chronyd = findProgram('chronyd')

interface Chronyd extends Child {
  /** Samples without labels by name, and the labels of the source; {} when nothing is known. */
  measure(): Promise<Readonly<Record<string, unknown>>>
  /** The columns of `chronyc -c tracking`. */
  tracking(): readonly string[]
}

/** chronyd that may not touch the clock (-x), serves nobody and has no server but what `lines` name. */
async function start(...lines: readonly string[]): Promise<Chronyd> {
  const own = createOwnDirectory({ prefix: 'pgherd-chrony-' })
  onTestFinished(() => own[Symbol.dispose]())
  const [port, closedPort] = await freePorts(2)
  const config = join(own.path, 'chrony.conf')
  const common = [
    'port 0',
    `cmdport ${port!}`,
    'bindcmdaddress 127.0.0.1',
    `bindcmdaddress ${join(own.path, 'run', 'chronyd.sock')}`,
    `pidfile ${join(own.path, 'pid')}`,
  ]
  writeFileSync(config, `${[...common, ...lines].join('\n')}\n`)
  const child = await startChild({
    name: 'chronyd',
    command: chronyd!,
    args: ['-x', '-U', '-d', '-u', userInfo().username, '-f', config],
    logFile: join(own.path, 'log'),
  })
  onTestFinished(() => child[Symbol.asyncDispose]())
  let elapsedMs = 0
  const read = createClockSyncReader({
    // A minute passes between two measurements, so that a chronyd that has only just started is found.
    clock: { ...systemClock, monotonic: () => (elapsedMs += 60_000) },
    chronyPort: port!,
    ntpPort: closedPort!,
    timesyncDirectory: join(own.path, 'timesync'),
  })
  return Object.assign(child, {
    async measure() {
      const [values, info] = (await read(1000)) ?? []
      if (values === undefined || info === undefined) return {}
      const named = values.metrics.map((name, i) => [name, values.rows[0]!.values[i]] as const)
      return { ...Object.fromEntries(named), source: info.rows[0]!.labels.join(' ') }
    },
    tracking: () =>
      execFileSync('chronyc', ['-h', '127.0.0.1', '-p', String(port), '-n', '-c', 'tracking'], {
        encoding: 'utf8',
      }).split(','),
  })
}

describe.skipIf(chronyd === undefined)('a real chronyd', () => {
  test('that follows its own clock is synchronised without error', async () => {
    const chrony = await start('local stratum 8')
    await chrony.waitFor('it answers', async () => 'source' in (await chrony.measure()))
    expect(await chrony.measure()).toEqual({
      node_timex_sync_status: 1,
      node_timex_frequency_adjustment_ratio: 1,
      node_ntp_stratum: 8,
      node_ntp_leap: 0,
      node_timex_offset_seconds: 0,
      node_timex_estimated_error_seconds: 0,
      node_timex_maxerror_seconds: 0,
      node_ntp_offset_seconds: 0,
      node_ntp_root_delay_seconds: 0,
      node_ntp_root_dispersion_seconds: 0,
      source: 'chronyd 127.127.1.1',
    })
  })

  test('that has nobody to follow says so, and no offset', async () => {
    const chrony = await start()
    await chrony.waitFor('it answers', async () => 'source' in (await chrony.measure()))
    expect(await chrony.measure()).toEqual({
      node_timex_sync_status: 0,
      node_timex_frequency_adjustment_ratio: 1,
      node_ntp_stratum: 16,
      node_ntp_leap: 3,
      source: 'chronyd ',
    })
  })

  test('behind a server 0.25 s ahead measures that, as chronyc shows it', async () => {
    await using server = await startShiftedTimeServer(0.25)
    const chrony = await start(`server 127.0.0.1 port ${server.port} iburst minpoll -6 maxpoll -6`)
    // Its figures move while the first samples come in, so the two looks at them may need another turn to agree.
    const measured = await chrony.waitFor('both say the same', async () => {
      const now = await chrony.measure()
      if (now['node_timex_sync_status'] !== 1) return undefined
      const shown = chrony.tracking()
      const agree = (name: string, column: number): boolean =>
        Math.abs(Number(now[name]) - Number(shown[column])) < 0.001
      return (
        agree('node_timex_offset_seconds', 4) &&
        agree('node_ntp_root_delay_seconds', 10) &&
        agree('node_ntp_root_dispersion_seconds', 11) &&
        now
      )
    })
    expect(measured).toMatchObject({
      node_ntp_stratum: 3,
      node_ntp_leap: 0,
      node_timex_offset_seconds: expect.closeTo(0.25, 1) as number,
      node_ntp_offset_seconds: measured['node_timex_offset_seconds'],
      source: 'chronyd 127.0.0.1',
    })
    expect(measured['node_ntp_root_delay_seconds']).toBeGreaterThanOrEqual(0.0625)
    expect(measured['node_ntp_root_dispersion_seconds']).toBeGreaterThanOrEqual(0.03125)
  })
})
