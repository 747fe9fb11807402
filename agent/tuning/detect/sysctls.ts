import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'

/** What matters to PostgreSQL of the kernel's settings. Source: admin-guide/sysctl of the kernel, and "Managing Kernel Resources" of the manual. */
const names = [
  'vm.swappiness',
  'vm.overcommit_memory',
  'vm.overcommit_ratio',
  'vm.overcommit_kbytes',
  'vm.dirty_background_ratio',
  'vm.dirty_background_bytes',
  'vm.dirty_ratio',
  'vm.dirty_bytes',
  'vm.dirty_expire_centisecs',
  'vm.dirty_writeback_centisecs',
  'vm.min_free_kbytes',
  'vm.nr_hugepages',
  'vm.nr_overcommit_hugepages',
  'vm.hugetlb_shm_group',
  'vm.zone_reclaim_mode',
  'kernel.numa_balancing',
  'kernel.sched_autogroup_enabled',
  'kernel.io_uring_disabled',
  'fs.file-max',
  'fs.aio-max-nr',
  'net.core.somaxconn',
  'net.core.rmem_max',
  'net.core.wmem_max',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_syncookies',
]

/** Those that this kernel has. */
export function readSysctls(files: KernelFiles): ReadonlyMap<string, string> {
  return new Map(
    names.flatMap((name) => {
      const value = files.value(`proc/sys/${name.replaceAll('.', '/')}`)
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}
