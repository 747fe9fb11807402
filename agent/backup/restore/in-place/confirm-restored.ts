import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { BackupFailure } from '../../backup-failure.ts'
import { processesIn } from '../../drill/processes-in.ts'
import type { EngineListing } from '../../engine.ts'
import type { KeptDirectories, KeptDirectory } from './kept-directories.ts'
import { inodeOf } from './place-names.ts'
import { isReady } from './start-server.ts'

/** What a confirmation deletes, and what speaks against it. */
export interface ConfirmPlan {
  readonly kept: readonly KeptDirectory[]
  readonly problems: readonly string[]
}

/** @throws BackupFailure when nothing is kept, or what is there is not what was kept */
export async function planConfirm(
  cluster: string,
  keptDirectories: KeptDirectories,
  listing: EngineListing,
): Promise<ConfirmPlan> {
  const all = keptDirectories.all().filter((one) => one.cluster === cluster)
  if (all.length === 0) throw new BackupFailure('configuration', `nothing of ${cluster} is kept on this host`)
  const problems = new Set<string>()
  const kept: KeptDirectory[] = []
  for (const one of all) {
    const inode = await inodeOf(one.kept)
    const isNamed = basename(one.kept).startsWith(`${basename(one.data)}.before-`)
    if (inode !== undefined && (inode !== one.inode || !isNamed)) {
      throw new BackupFailure('configuration', `${one.kept} is another directory than the one that was kept`)
    }
    if ((await inodeOf(one.data)) === one.inode) {
      throw new BackupFailure(
        'configuration',
        `${one.data} is itself the directory of before; nothing is deleted`,
      )
    }
    if (inode !== undefined && (await processesIn(one.kept)).length > 0) {
      throw new BackupFailure('configuration', `a program works in ${one.kept}`)
    }
    kept.push(one)
    if (!(await isReady(one.data))) problems.add(`no server runs on ${one.data}`)
    if (!listing.sets.some(({ startedMs }) => startedMs > one.restoredMs)) {
      problems.add(
        `no backup was made since the restore of ${new Date(one.restoredMs).toISOString()}; agentctl backup run ${cluster} --type full makes one`,
      )
    }
  }
  return { kept: kept.toSorted((a, b) => a.restoredMs - b.restoredMs), problems: [...problems] }
}

/** @returns what was deleted */
export async function confirmRestored(
  { kept }: ConfirmPlan,
  keptDirectories: KeptDirectories,
): Promise<readonly string[]> {
  for (const one of kept) {
    await rm(one.kept, { recursive: true, force: true })
    await keptDirectories.remove(one.kept)
  }
  return kept.map((one) => one.kept)
}
