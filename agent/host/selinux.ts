import type { SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { namedTable, numberOf } from './table.ts'

/** Whether SELinux is on and, where it is, whether it enforces. */
export function readSelinux(files: KernelFiles): readonly SampleTable[] {
  const mode = numberOf(files.value('sys/fs/selinux/enforce'))
  return mode === undefined
    ? [namedTable(['node_selinux_enabled'], [0])]
    : [namedTable(['node_selinux_enabled', 'node_selinux_current_mode'], [1, mode])]
}
