import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guardDirectory } from './guard.ts'
import type { Owner } from './unprivileged.ts'

export interface OwnDirectory extends Disposable {
  readonly path: string
}

/**
 * A directory that is removed with everything in it when it is disposed, or when this process ends in any
 * other way.
 * @param wanted `prefix` of a temporary directory, or the `path` of one to create
 * @param owner who owns it; nobody else but root may look inside
 */
export function createOwnDirectory(
  wanted: { prefix: string; parent?: string } | { path: string },
  owner?: Owner,
): OwnDirectory {
  const path = 'path' in wanted ? wanted.path : mkdtempSync(join(wanted.parent ?? tmpdir(), wanted.prefix))
  mkdirSync(path, { recursive: true, mode: 0o700 })
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid)
  const release = guardDirectory(path)
  return {
    path,
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
      release()
    },
  }
}
