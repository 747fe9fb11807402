import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PgherdError } from '../../common/errors.ts'
import { storePaths } from '../store/embedded/files.ts'
import type { StorePaths } from '../store/embedded/files.ts'

/**
 * The embedded store in a collector's directory, or in the directory itself: a snapshot is one.
 * @throws PgherdError NOT_FOUND
 */
export function findStore(directory: string): StorePaths {
  for (const candidate of [join(directory, 'metrics'), directory]) {
    const paths = storePaths(candidate)
    if (existsSync(paths.logs) && existsSync(paths.blocks)) return paths
  }
  throw new PgherdError('NOT_FOUND', `there is no store in ${directory}: it has no folders log and blocks`)
}
