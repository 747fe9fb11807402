import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startCollector } from '../../testbed/pgherd.ts'
import { waitFor } from '../../testbed/wait.ts'
import { startRemoteWriter } from './remote-writer.ts'
import { compareWithStore } from './stored-samples.ts'

const canMount = process.getuid?.() === 0

function mountDisk(size: string): { readonly path: string; resize(size: string): void } {
  const path = mkdtempSync(join(tmpdir(), 'pgherd-full-'))
  const mount = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync('mount', [...args, path], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`mount ${args.join(' ')} ${path}: ${stderr}`)
  }
  mount('-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs')
  onTestFinished(() => {
    spawnSync('umount', ['-l', path])
    rmSync(path, { recursive: true, force: true })
  })
  return { path, resize: (larger) => mount('-o', `remount,size=${larger}`) }
}

/** CPU time of a process so far, in seconds. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

test.skipIf(!canMount)(
  'on a full disk writes are answered 503 and reads go on; with space again all is as before',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-full-config-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const disk = mountDisk('8m')
    await using collector = await startCollector({
      directory,
      extraConfig: { 'store.directory': join(disk.path, 'store') },
    })
    // Over windows that are over: the collector wants to seal them while there is no room.
    const writer = startRemoteWriter({
      url: () => collector.url,
      name: 'full',
      seriesCount: 1000,
      startMs: Math.floor(Date.now() / 1000) * 1000 - 5 * 86_400_000,
      stepMs: 120_000,
    })
    const statusOf = (status: number): number => writer.answers.get(status) ?? 0
    await waitFor('writes are refused', () => statusOf(503) > 10, {
      timeoutMs: 60_000,
      explain: () => collector.logTail(5),
    })
    expect(writer.lastRetryAfter).toBe('5')
    const kept = writer.acknowledged.length
    expect(kept).toBeGreaterThan(100)

    const query = await fetch(
      `${collector.url}/api/v1/query?${new URLSearchParams({ query: 'count(last_over_time(drill_value[7d]))' }).toString()}`,
    )
    expect(await query.text()).toContain('"1000"')
    const snapshot = await fetch(`${collector.url}/api/v1/admin/tsdb/snapshot`, { method: 'POST' })
    expect([snapshot.status, snapshot.headers.get('retry-after')]).toEqual([503, '5'])

    // Longer than the interval of the maintenance, with a sender that does not give up.
    const before = cpuSeconds(collector.pid)
    await sleep(35_000)
    const used = cpuSeconds(collector.pid) - before
    console.log(`full disk: ${statusOf(503)} writes refused, ${used.toFixed(1)} s of CPU in 35 s`)
    expect(writer.acknowledged.length - kept).toBeLessThan(5)
    expect(collector.isRunning()).toBe(true)

    disk.resize('200m')
    await waitFor('writes are taken again', () => writer.acknowledged.length > kept + 50, {
      timeoutMs: 15_000,
    })
    await writer.stop()
    expect(await compareWithStore(collector.url, [writer])).toMatchObject({ lost: 0, changed: 0, foreign: 0 })
    await collector.stop()
    await collector.start()
    const { acknowledged, lost, changed, foreign } = await compareWithStore(collector.url, [writer])
    console.log(
      `samples acknowledged: ${acknowledged}, lost: ${lost}, changed: ${changed}, not sent or doubled: ${foreign}`,
    )
    expect({ lost, changed, foreign }).toEqual({ lost: 0, changed: 0, foreign: 0 })
  },
)
