import { dirname } from 'node:path'
import { systemCodeOf } from '../../../common/errors.ts'
import { corruptSuffix } from './files.ts'
import type { StoreState } from './state.ts'

/**
 * Renames a file that cannot be read, so that it is neither served nor lost. Durable at once: a later file of the
 * same window must not meet it again.
 */
export async function setAside(state: StoreState, path: string): Promise<void> {
  state.counters.corruptions++
  state.options.log.error({ path: path + corruptSuffix }, 'an unreadable file of the store was set aside')
  await state.disk.rename(path, path + corruptSuffix)
  await state.disk.syncDirectory(dirname(path))
}

/** What the system says of one file that cannot be read, now or later: a bad sector, no permission. */
const unreadable = new Set(['EIO', 'EACCES', 'EPERM', 'EISDIR', 'EUCLEAN', 'ENODATA'])

export function isUnreadable(error: unknown): boolean {
  return unreadable.has(systemCodeOf(error) ?? '')
}

/** The answer of `read`, or `otherwise` where the file cannot be read. */
export async function whenUnreadable<T, U>(read: () => Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await read()
  } catch (error) {
    if (isUnreadable(error)) return otherwise
    throw error
  }
}
