import { readFile, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { messageOf, systemCodeOf } from '../../common/errors.ts'
import { decodeTombstone } from '../store/embedded/deletion/tombstone.ts'
import { blockSuffix, corruptSuffix, logSuffix } from '../store/embedded/files.ts'
import type { StorePaths } from '../store/embedded/files.ts'
import { replayLog } from '../store/embedded/log/replay.ts'
import { checkBlock } from './check-block.ts'
import type { Damage } from './damage.ts'

/**
 * Reads every byte of a store that has a checksum and unpacks every chunk. Changes nothing, and may run beside a
 * collector: what that removes meanwhile is left out.
 * @returns the count of damages, each of which was printed
 */
export async function verifyStore(paths: StorePaths, print: (line: string) => void): Promise<number> {
  let damages = 0
  const report = ({ path, what, consequence }: Damage): void => {
    damages++
    print(`${path}: ${what}: ${consequence}`)
  }
  const totals = { blocks: 0, logs: 0, deletions: 0, samples: 0, chunks: 0 }
  for (const path of await filesIn(paths.blocks, report)) {
    if (!path.endsWith(blockSuffix)) continue
    await whileItIsThere(path, report, async () => {
      const { samples, chunks } = await checkBlock(path, report)
      totals.blocks++
      totals.samples += samples
      totals.chunks += chunks
    })
  }
  for (const path of await filesIn(paths.logs, report)) {
    if (!path.endsWith(logSuffix)) continue
    await whileItIsThere(path, report, async () => {
      totals.samples += await checkLog(path, report, print)
      totals.logs++
    })
  }
  for (const path of await filesIn(paths.tombstones, report)) {
    if (!path.endsWith('.tombstone')) continue
    await whileItIsThere(path, report, async () => {
      totals.deletions++
      if (decodeTombstone(path, await readFile(path)) !== undefined) return
      report({ path, what: 'the deletion fails its checksum', consequence: 'what it deleted comes back' })
    })
  }
  print(
    `read ${totals.blocks} blocks, ${totals.logs} logs and ${totals.deletions} deletions: ` +
      `${totals.samples} samples, ${totals.chunks} chunks in blocks, ${damages} damaged`,
  )
  return damages
}

async function checkLog(
  path: string,
  report: (damage: Damage) => void,
  print: (line: string) => void,
): Promise<number> {
  let samples = 0
  const { goodBytes, damaged } = await replayLog(path, {
    found({ startMs, generation }) {
      if (basename(path) === `${startMs}-${generation}${logSuffix}`) return
      report({
        path,
        what: 'its name is not the one that its first record says',
        consequence: 'the collector sets it aside when it starts',
      })
    },
    series: () => undefined,
    samples: (batch) => void (samples += batch.samples.count),
  })
  const { size } = await stat(path)
  if (damaged > 0) {
    report({
      path,
      what: `${damaged} records fail their checksums`,
      consequence: 'the samples in them are lost, the others are served',
    })
  } else if (goodBytes < size) {
    print(
      `${path}: the last ${size - goodBytes} bytes are a write that was cut short; nothing of it was acknowledged`,
    )
  }
  return samples
}

/** Also names what the collector has set aside. */
async function filesIn(folder: string, report: (damage: Damage) => void): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  })
  const paths = names.sort().map((name) => join(folder, name))
  for (const path of paths.filter((each) => each.endsWith(corruptSuffix))) {
    report({
      path,
      what: 'the collector has set it aside',
      consequence: 'what could be read of a log is in a block, of a block nothing is served',
    })
  }
  return paths
}

async function whileItIsThere(
  path: string,
  report: (damage: Damage) => void,
  check: () => Promise<void>,
): Promise<void> {
  try {
    await check()
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return
    report({
      path,
      what: `it cannot be read: ${messageOf(error)}`,
      consequence: 'its samples are not served until it can be',
    })
  }
}
