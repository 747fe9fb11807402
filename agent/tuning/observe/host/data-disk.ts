import { realpath } from 'node:fs/promises'
import type { KernelFiles } from '../../../../common/kernel/kernel-files.ts'
import { mountOf, parseMountinfo } from '../../detect/mount-table.ts'
import type { DiskName } from './disk-time.ts'

/** The device that a directory of this host lies on; undefined where it cannot be seen. */
export async function diskOf(files: KernelFiles, directory: string): Promise<DiskName | undefined> {
  const path = await realpath(directory).catch(() => directory)
  const mount = mountOf(parseMountinfo(files.readIfThere('proc/self/mountinfo') ?? ''), path)
  return mount === undefined ? undefined : { device: mount.device, source: mount.source }
}
