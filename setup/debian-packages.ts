import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.mjs'
import { withProgress } from './progress.mjs'

/** A program that some suites need and that comes from the distribution. */
export interface DebianProgram {
  readonly program: string
  readonly package: string
  readonly neededBy: string
}

const programs: readonly DebianProgram[] = [
  { program: 'pgbouncer', package: 'pgbouncer', neededBy: 'tests with a connection pooler' },
  {
    program: 'prometheus-alertmanager',
    package: 'prometheus-alertmanager',
    neededBy: 'tests of alert delivery',
  },
  { program: 'promtool', package: 'prometheus', neededBy: 'tests of the rule files' },
  { program: 'chromium', package: 'chromium', neededBy: 'tests of the web page' },
  {
    program: 'prometheus-node-exporter',
    package: 'prometheus-node-exporter',
    neededBy: 'the comparison with node_exporter',
  },
  { program: 'dbus-daemon', package: 'dbus', neededBy: 'tests of the systemd units' },
  { program: 'chronyd', package: 'chrony', neededBy: 'tests of the clock synchronisation' },
  { program: 'victoria-metrics', package: 'victoria-metrics', neededBy: 'tests with several destinations' },
  { program: 'etcd', package: 'etcd-server', neededBy: 'tests of the neighbours' },
  { program: 'patroni', package: 'patroni', neededBy: 'tests of the neighbours' },
  {
    program: '/usr/lib/postgresql/15/bin/postgres',
    package: 'postgresql-15',
    neededBy: 'tests of the neighbours',
  },
  {
    program: '/usr/share/postgresql/15/extension/hypopg.control',
    package: 'postgresql-15-hypopg',
    neededBy: 'the test of HypoPG 1.3',
  },
  { program: 'haproxy', package: 'haproxy', neededBy: 'tests of the neighbours' },
  { program: 'keepalived', package: 'keepalived', neededBy: 'tests of the neighbours' },
  { program: 'zsh', package: 'zsh', neededBy: 'tests of completion' },
  { program: 'fish', package: 'fish', neededBy: 'tests of completion' },
  { program: 'ip', package: 'iproute2', neededBy: 'tests in a network namespace of their own' },
  { program: 'pgbackrest', package: 'pgbackrest', neededBy: 'tests of the backups' },
  { program: 'ab', package: 'apache2-utils', neededBy: 'npm run bench:health' },
  { program: 'debootstrap', package: 'debootstrap', neededBy: 'tests of the packages' },
  { program: 'lintian', package: 'lintian', neededBy: 'tests of the packages' },
  { program: 'strip', package: 'binutils', neededBy: 'npm run package' },
  { program: 'faketime', package: 'faketime', neededBy: 'tests of the backups' },
]

/**
 * Installs what is missing where that is possible without a question: as root or with a sudo that asks no
 * password, on a system with apt-get. Services that come along are neither started nor enabled.
 * @returns what is missing afterwards
 */
export async function installDebianPackages(): Promise<readonly DebianProgram[]> {
  const missing = programs.filter(isMissing)
  if (missing.length === 0 || !isOnPath('apt-get')) return missing
  const root = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  if (root.length > 0 && !(await run('sudo', ['-n', 'true'])).ok) return missing
  const names = missing.map((one) => one.package)
  const [command, ...args] = [...root, 'sh', '-c', script, 'sh', ...names]
  const { ok, output } = await withProgress(`installing ${names.join(', ')}`, () => run(command!, args))
  if (!ok) console.log(output.split('\n').slice(-5).join('\n'))
  return missing.filter(isMissing)
}

/**
 * A policy-rc.d that answers 101 keeps services from starting (deb-systemd-invoke(1p)); disabling afterwards
 * keeps them from starting at the next boot. Packages this release does not have are left out, because one
 * unknown name makes apt-get install nothing at all.
 */
const script = `
set -e
export DEBIAN_FRONTEND=noninteractive
if [ ! -e /usr/sbin/policy-rc.d ]; then
  printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
apt-get -qq -o DPkg::Lock::Timeout=120 update
known=
for name in "$@"; do
  if apt-cache show "$name" > /dev/null 2>&1; then known="$known $name"; fi
done
apt-get -qq -y -o DPkg::Lock::Timeout=120 install --no-install-recommends $known
for name in $known; do
  systemctl disable "$name.service" > /dev/null 2>&1 || true
done
`

function isMissing(one: DebianProgram): boolean {
  return one.program.startsWith('/') ? !existsSync(one.program) : !isOnPath(one.program)
}

function isOnPath(program: string): boolean {
  const directories = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin']
  return directories.some((directory) => existsSync(join(directory, program)))
}
