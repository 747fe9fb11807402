import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planRestore } from '../../../../agent/backup/member/plan-work.ts'
import type { ClusterBackups } from '../../../../agent/backup/runs/cluster-backups.ts'
import { askedInto, engineWith } from '../restore/a-backup.ts'

/** The plan of a restore into a directory while this runs. */
async function planWhile(running: ReturnType<ClusterBackups['running']>): Promise<readonly string[]> {
  const backups: Pick<ClusterBackups, 'engine' | 'running'> = {
    engine: engineWith(() => Promise.resolve()),
    running: () => running,
  }
  const { signal } = new AbortController()
  const context = { backups: backups as ClusterBackups, runs: [], signal }
  return (await planRestore(askedInto(join(tmpdir(), 'pgherd-never-made')), context)).lines
}

test('the plan of a restore into a directory is refused while another run is under way', async () => {
  const running = { id: 'a', percent: 40, text: 'copies', bytesPerSecond: null }
  expect(await planWhile(running)).toContain('REFUSED: another run is under way here: copies')
})

test('and not otherwise', async () => {
  expect((await planWhile(null)).filter((line) => line.startsWith('REFUSED'))).toEqual([])
})
