import { dirname } from 'node:path'
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
