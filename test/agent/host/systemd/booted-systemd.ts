import { execFile, spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { systemCodeOf } from '../../../../common/errors.ts'
import { childEnvironment } from '../../../../testbed/child-environment.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { startChild } from '../../../../testbed/process.ts'
import { waitFor } from '../../../../testbed/wait.ts'

const exec = promisify(execFile)
const systemd = ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'].find((file) => existsSync(file))
const repository = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '')
/** Where the second version of control groups is mounted. */
const cgroups = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((directory) =>
  existsSync(join(directory, 'cgroup.controllers')),
)

/** Root with the right to make namespaces and control groups is needed, systemd and its tools. */
export const canBootSystemd =
  process.getuid?.() === 0 &&
  systemd !== undefined &&
  cgroups !== undefined &&
  isWritable(cgroups) &&
  ['nsenter', 'systemctl', 'busctl', 'dbus-daemon'].every((program) => findProgram(program) !== undefined) &&
  spawnSync('unshare', ['--mount', '--pid', '--fork', '--net', '--cgroup', 'true']).status === 0

export interface BootedSystemd extends AsyncDisposable {
  /** Its system bus, as a path of this system. */
  readonly busSocket: string
  /** Writes a file into its root, which is an overlay of ours. */
  write(path: string, text: string): void
  /** Where the files of pgherd are in it. */
  readonly repository: string
  /** Runs a program among its processes. @returns its standard output, whatever its exit status */
  run(command: string, ...args: readonly string[]): Promise<string>
}

/**
 * Boots systemd as process 1 of its own namespaces, over an overlay of this system's root that lies in memory. What
 * would reach the real kernel or the real /tmp is masked; it has no network but its own loopback.
 */
export async function bootSystemd(): Promise<BootedSystemd> {
  const own = createOwnDirectory({ prefix: 'pgherd-systemd-' })
  const cgroup = join(cgroups!, basename(own.path))
  const child = await startChild({
    name: 'systemd',
    command: '/bin/bash',
    args: ['-ec', script, 'bash', own.path, cgroup, systemd!, repository],
    logFile: join(own.path, 'log'),
  })
  const init = await child.waitFor('process 1 is systemd', () => {
    try {
      const children = `/proc/${child.pid}/task/${child.pid}/children`
      const pid = readFileSync(children, 'utf8').trim()
      return pid !== '' && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd\n' && pid
    } catch {
      // Gone: then there is a log that says why.
      return false
    }
  })
  const run = async (command: string, ...args: readonly string[]): Promise<string> => {
    const entering = ['-t', init, '-m', '-p', '-u', '-i', '-C', '-n', command, ...args]
    return await exec('nsenter', entering, { env: childEnvironment() }).then(
      ({ stdout }) => stdout,
      (error: unknown) => String((error as { stdout?: unknown }).stdout),
    )
  }
  await child.waitFor('systemd has booted', async () =>
    /running|degraded/.test(await run('systemctl', 'is-system-running')),
  )
  return {
    busSocket: `/proc/${init}/root/run/dbus/system_bus_socket`,
    write: (path, text) => {
      writeFileSync(`/proc/${init}/root${path}`, text)
    },
    repository,
    run,
    async [Symbol.asyncDispose]() {
      await child.stop('SIGKILL')
      // The processes inside are killed with their process 1, which takes a moment.
      await waitFor('its control groups are empty', () => removeCgroups(cgroup))
      own[Symbol.dispose]()
    },
  }
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** @returns false while a process is in one of them */
function removeCgroups(directory: string): boolean {
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.isDirectory() && !removeCgroups(join(directory, entry.name))) return false
    }
    rmdirSync(directory)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EBUSY') return false
    throw error
  }
}

const script = `
directory=$1 cgroup=$2 systemd=$3 repository=$4
mkdir "$cgroup"
echo $$ > "$cgroup/cgroup.procs"
exec unshare --mount --pid --fork --uts --ipc --net --cgroup --kill-child /bin/bash -ec '
  directory=$1 systemd=$2 repository=$3
  mount --make-rprivate /
  mount -t tmpfs -o size=64m tmpfs "$directory"
  mkdir "$directory/upper" "$directory/work" "$directory/root"
  cd "$directory"
  mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
  cd root
  # It may lie on a file system of its own, which the overlay does not show.
  mkdir -p ".$repository"
  mount --bind "$repository" ".$repository"
  mount -o remount,bind,ro ".$repository"
  mount -t proc proc proc
  mount -t sysfs -o ro sysfs sys
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  mount -t tmpfs -o mode=755,size=1m tmpfs dev
  for name in null zero full random urandom tty; do touch dev/$name; mount --bind /dev/$name dev/$name; done
  mkdir dev/pts dev/shm
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
  ln -s pts/ptmx dev/ptmx
  ln -s /proc/self/fd dev/fd
  mount -t tmpfs -o mode=755 tmpfs run
  tr -d - < /proc/sys/kernel/random/uuid > etc/machine-id
  cd etc/systemd/system
  for name in \\
    systemd-sysctl.service systemd-modules-load.service systemd-binfmt.service systemd-remount-fs.service \\
    systemd-udevd.service systemd-udev-trigger.service systemd-tmpfiles-setup-dev.service \\
    systemd-udevd-kernel.socket systemd-udevd-control.socket \\
    systemd-timesyncd.service systemd-logind.service getty@.service console-getty.service \\
    dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount \\
    sys-kernel-config.mount sys-fs-fuse-connections.mount proc-sys-fs-binfmt_misc.automount
  do ln -sf /dev/null $name; done
  cd ../../..
  ln -sf /dev/null etc/tmpfiles.d/tmp.conf
  mkdir -p root/.old
  pivot_root . root/.old
  umount -l /root/.old
  container=unshare exec "$systemd" --system --unit=basic.target --log-target=journal --show-status=no
' bash "$directory" "$systemd" "$repository"
`
