import { basename } from 'node:path'
import { PgherdError, messageOf, systemCodeOf } from '../../../../common/errors.ts'
import type { Matcher } from '../../../../common/series/matcher.ts'
import { matching, visitSources } from '../scope.ts'
import type { Candidates, Scope } from '../scope.ts'
import type { Committer } from '../committer.ts'
import type { Maintenance } from '../maintenance.ts'
import type { OpenWindow } from '../open-window.ts'
import { unionFor } from '../sources.ts'
import type { StoreState } from '../state.ts'
import { addTombstone } from './tombstone-files.ts'

/**
 * Deletes what is stored of all matching series. First the windows that have any of them are closed, so that what is
 * written from now on, however old its timestamps, goes to a log of the next generation; then all closed files that
 * have any are named in a tombstone, which hides their samples at once and until they are left out of a new block.
 * @returns the count of series
 * @throws PgherdError DISK_FULL, QUERY_INVALID
 */
export async function deleteSeries(
  state: StoreState,
  committer: Committer,
  maintenance: Maintenance,
  selectors: readonly (readonly Matcher[])[],
): Promise<number> {
  if (selectors.length === 0) return 0
  const affected = await windowsWith(state, selectors)
  await committer.between(() => {
    for (const window of affected) window.frozen = true
  })
  return await maintenance.exclusively(async () => {
    const { files, series } = await findDeletable(state, selectors)
    try {
      await forgetGoneFiles(state)
      if (files.length > 0) await addTombstone(state, files, selectors)
    } catch (error) {
      if (error instanceof PgherdError) throw error
      const reason = systemCodeOf(error) ?? messageOf(error)
      throw new PgherdError('DISK_FULL', `the deletion could not be written: ${reason}`, { cause: error })
    }
    state.options.log.info({ series, files: files.length }, 'deleted series')
    return series
  })
}

/** What was removed before must not come back after a power cut: no tombstone names it. */
async function forgetGoneFiles({ disk, paths }: StoreState): Promise<void> {
  await disk.syncDirectory(paths.logs)
  await disk.syncDirectory(paths.blocks)
}

async function windowsWith(
  state: StoreState,
  selectors: readonly (readonly Matcher[])[],
): Promise<Set<OpenWindow>> {
  let found = new Set<OpenWindow>()
  await visitSources(state, everywhere(selectors), () => {
    found = new Set()
    return async (candidates) => {
      const { source, isActive } = candidates
      if (source.kind !== 'window' || source.window.frozen) return
      if ((await matching(state, candidates, selectors)).some(isActive)) found.add(source.window)
    }
  })
  return found
}

/** The files with matching series that will not change any more, and how many series these are. */
async function findDeletable(
  state: StoreState,
  selectors: readonly (readonly Matcher[])[],
): Promise<{ files: string[]; series: number }> {
  let files: string[] = []
  let found = new Set<number>()
  await visitSources(state, everywhere(selectors), (sources) => {
    const union = unionFor(sources)
    files = []
    found = new Set()
    return async (candidates) => {
      const path = closedFile(candidates)
      if (path === undefined) return
      const { series, isActive, pace } = candidates
      let any = false
      for (const ref of await matching(state, candidates, selectors)) {
        if (pace.due()) await pace.rest()
        if (!isActive(ref)) continue
        any = true
        found.add(union.idOf(series, ref))
      }
      if (any) files.push(basename(path))
    }
  })
  return { files, series: found.size }
}

function closedFile({ source }: Candidates): string | undefined {
  if (source.kind === 'block') return source.block.path
  return source.window.frozen ? source.window.log.path : undefined
}

function everywhere(selectors: readonly (readonly Matcher[])[]): Scope {
  return { selectors, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limits: {} }
}
