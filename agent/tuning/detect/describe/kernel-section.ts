import { printAbout } from '../../../../common/tuning/print-size.ts'
import type { HostFacts } from '../host-facts.ts'
import { fact, section } from './section.ts'
import type { Section } from './section.ts'

export function kernelSection({ sysctls, openFileLimit, oomScoreAdjust }: HostFacts): readonly Section[] {
  const of = (...names: readonly string[]): string =>
    names
      .flatMap((name) => (sysctls.has(name) ? [`${name.replace(/^.*\./, '')} ${sysctls.get(name)!}`] : []))
      .join(', ')
  return section('Kernel', [
    fact(
      'memory',
      of('vm.swappiness', 'vm.overcommit_memory', 'vm.overcommit_ratio', 'vm.min_free_kbytes'),
      '/proc/sys/vm',
    ),
    fact('writing back', writeBack(sysctls), '/proc/sys/vm/dirty_*'),
    fact(
      'nodes',
      of('vm.zone_reclaim_mode', 'kernel.numa_balancing', 'kernel.sched_autogroup_enabled'),
      '/proc/sys',
    ),
    fact(
      'network',
      of(
        'net.core.somaxconn',
        'net.ipv4.tcp_keepalive_time',
        'net.ipv4.tcp_keepalive_intvl',
        'net.ipv4.tcp_keepalive_probes',
      ),
      '/proc/sys/net',
    ),
    fact('io_uring', ioUring(sysctls.get('kernel.io_uring_disabled')), '/proc/sys/kernel/io_uring_disabled'),
    fact(
      'open files',
      openFileLimit === null ? null : `${openFileLimit} for each process`,
      '/proc/<postmaster>/limits',
    ),
    fact(
      'out of memory',
      oomScoreAdjust === null ? null : oomText(oomScoreAdjust),
      '/proc/<postmaster>/oom_score_adj',
    ),
  ])
}

/** Where bytes are set, the ratio of the same is 0 and does not count. */
function writeBack(sysctls: ReadonlyMap<string, string>): string {
  const limit = (name: string): string => {
    const bytes = Number(sysctls.get(`vm.${name}_bytes`) ?? 0)
    return bytes > 0 ? printAbout(bytes) : `${sysctls.get(`vm.${name}_ratio`) ?? '?'} %`
  }
  if (!sysctls.has('vm.dirty_ratio')) return ''
  return `from ${limit('dirty_background')} on in the background, from ${limit('dirty')} on everybody waits`
}

/** Source: admin-guide/sysctl/kernel.rst. */
function ioUring(value: string | undefined): string | null {
  const known: Readonly<Record<string, string>> = { 0: 'for everybody', 1: 'for one group', 2: 'for nobody' }
  return value === undefined ? null : (known[value] ?? value)
}

function oomText(adjust: number): string {
  if (adjust <= -900) return `the postmaster is spared (${adjust})`
  return `the postmaster is chosen as others are (${adjust})`
}
