import { networkInterfaces } from 'node:os'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { claims } from '../../../testbed/ha/claims.ts'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import type { HaCluster } from '../../../testbed/ha/cluster.ts'
import { cut, killPostgres, switchover } from '../../../testbed/ha/faults.ts'
import { checkWrites } from '../../../testbed/ha/lost-writes.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { startSampler } from '../../../testbed/ha/sampler.ts'
import { startWriter } from '../../../testbed/ha/writer.ts'

/** What a drill did to clients: shown, for the figures are the point of it. */
interface Outcome {
  readonly gapMs: number
  readonly lost: number
  readonly acknowledged: number
  readonly unknown: number
  readonly twoPrimaries: number
}

/**
 * Runs one drill on a healthy cluster under a writer and a sampler of Patroni's answers, until all three members are
 * well again.
 * @param harm does it, and resolves when the cluster has a primary that takes writes
 */
async function drill(
  name: string,
  cluster: HaCluster,
  harm: (primary: Member) => Promise<void>,
): Promise<Outcome> {
  const primary = await cluster.waitUntilHealthy()
  await using writer = await startWriter(cluster, { name })
  await writer.waitForAcknowledged(Date.now())
  await using sampler = startSampler({ ask: () => claims(cluster) })
  const at = Date.now()
  await harm(primary)
  const back = await writer.waitForAcknowledged(Date.now())
  await sampler.stop()
  await cluster.waitUntilHealthy()
  await writer.stop()
  const current = await checkWrites(writer, await cluster.waitForPrimary())
  const outcome: Outcome = {
    gapMs: writer.longestGap(at, back + 1).ms,
    lost: current.lost.length,
    acknowledged: current.acknowledged,
    unknown: current.unknown,
    twoPrimaries: sampler.samples.filter(({ value }) => (value?.length ?? 0) > 1).length,
  }
  console.log(
    `${name}: ${outcome.gapMs} ms without a commit, ${outcome.lost} of ${outcome.acknowledged} lost, ` +
      `${outcome.unknown} of unknown outcome, ${writer.doubtful().length} doubtful; ` +
      `${sampler.samples.length} samples, longest pause ${sampler.longestPauseMs()} ms, two primaries in ${outcome.twoPrimaries}`,
  )
  return outcome
}

test('a cluster comes up, keeps every acknowledged write through faults of its primary, and leaves nothing behind', async () => {
  const linksBefore = Object.keys(networkInterfaces())
  const directory = await (async () => {
    await using cluster = await startHaCluster()
    console.log(`up in ${Math.round(cluster.startMs)} ms`)
    expect(cluster.startMs).toBeLessThan(30_000)

    const planned = await drill('switchover', cluster, async (primary) => {
      expect(await switchover(cluster)).not.toBe(primary)
    })
    expect(planned.lost).toBe(0)
    expect(planned.twoPrimaries).toBe(0)

    const killed = await drill('kill', cluster, async (primary) => {
      killPostgres(primary)
      await cluster.waitForPrimary()
    })
    expect(killed.lost).toBe(0)

    const cutOff = await drill('partition', cluster, async (primary) => {
      await using partition = await cut(primary)
      expect(await cluster.waitForPrimary({ other: primary })).not.toBe(primary)
      expect(partition.at).toBeLessThan(Date.now())
    })
    expect(cutOff.lost).toBe(0)
    expect(cutOff.twoPrimaries).toBe(0)
    return cluster.directory
  })()
  expect(existsSync(directory)).toBe(false)
  expect(Object.keys(networkInterfaces())).toEqual(linksBefore)
})
