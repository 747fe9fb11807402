import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planRestore } from '../../../../agent/backup/member/plan-work.ts'
import type { RestoreIntoAsked } from '../../../../agent/backup/restore/restore-plan.ts'
import type { ClusterBackups } from '../../../../agent/backup/runs/cluster-backups.ts'
import { fileOf, policyOf } from '../policy/policy-facts.ts'
import { askedInto, engineWith } from '../restore/a-backup.ts'

/** The plan of a restore into a directory while this runs, by a policy of one repository. */
async function planWhile(
  running: ReturnType<ClusterBackups['running']>,
  more: Partial<RestoreIntoAsked> = {},
): Promise<readonly string[]> {
  const backups: Pick<ClusterBackups, 'policy' | 'engine' | 'running'> = {
    policy: policyOf(fileOf()),
    engine: engineWith(() => Promise.resolve()),
    running: () => running,
  }
  const { signal } = new AbortController()
  const context = { backups: backups as ClusterBackups, runs: [], signal }
  const asked = { ...askedInto(join(tmpdir(), 'pgherd-never-made')), ...more }
  return (await planRestore(asked, context)).lines
}

test('the plan of a restore into a directory is refused while another run is under way', async () => {
  const running = { id: 'a', percent: 40, text: 'copies', bytesPerSecond: null }
  expect(await planWhile(running)).toContain('REFUSED: another run is under way here: copies')
})

test('and not otherwise', async () => {
  expect((await planWhile(null)).filter((line) => line.startsWith('REFUSED'))).toEqual([])
})

test('a restore from a repository that the policy does not have is refused as other operations are', async () => {
  await expect(planWhile(null, { repository: 2 })).rejects.toThrow('there is no repository 2; allowed: 1')
})
