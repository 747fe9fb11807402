import { mkdirSync, rmSync, symlinkSync, writeFileSync, globSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'

/** They would set up the kernel, the devices or the clock, which are those of this machine. */
const machineServices = [
  'kmod-static-nodes',
  'systemd-binfmt',
  'systemd-logind',
  'systemd-modules-load',
  'systemd-random-seed',
  'systemd-remount-fs',
  'systemd-sysctl',
  'systemd-timesyncd',
  'systemd-tmpfiles-setup-dev',
  'systemd-udev-trigger',
  'systemd-udevd',
].map((name) => `${name}.service`)

const machineUnits = [
  ...machineServices,
  'dev-hugepages.mount',
  'dev-mqueue.mount',
  'getty.target',
  'proc-sys-fs-binfmt_misc.automount',
  'sys-fs-fuse-connections.mount',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'systemd-udevd-control.socket',
  'systemd-udevd-kernel.socket',
]

/**
 * Makes a copy of this machine's root one of a host on which nothing is enabled, and whose systemd touches nothing but
 * what is its own.
 * @param root the copy
 * @param name its host name
 */
export function prepareRoot(root: string, name: string): void {
  const units = join(root, 'etc/systemd/system')
  // What is installed on this machine is not to start there.
  for (const links of globSync(`${root}/etc/{systemd/system/*.wants,rc?.d}`))
    rmSync(links, { recursive: true })
  for (const unit of machineUnits) replace(join(units, unit), '/dev/null')
  // It empties /tmp.
  replace(join(root, 'etc/tmpfiles.d/tmp.conf'), '/dev/null')
  writeFileSync(join(root, 'etc/hostname'), `${name}\n`)
  writeFileSync(join(root, 'etc/fstab'), '')
  writeFileSync(join(root, 'etc/machine-id'), `${randomUUID().replaceAll('-', '')}\n`)
  // Where it is there, the journal is kept over a power cut.
  rmSync(join(root, 'var/log/journal'), { recursive: true, force: true })
  mkdirSync(join(root, 'var/log/journal'))
}

function replace(link: string, target: string): void {
  rmSync(link, { force: true })
  symlinkSync(target, link)
}
