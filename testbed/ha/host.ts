import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { startChild } from '../process.ts'
import type { Child, ChildOptions } from '../process.ts'
import { childrenOf } from '../process-table.ts'
import { runCommand } from '../run-command.ts'
import type { CommandResult } from '../run-command.ts'
import type { Owner } from '../unprivileged.ts'
import { waitFor } from '../wait.ts'
import { startInner } from './inner-process.ts'
import { processesOf } from './namespace-processes.ts'
import type { NamespaceProcess } from './namespace-processes.ts'
import type { HaPrograms } from './prerequisites.ts'

/**
 * A host of its own: processes, network, mounts, host name and shared memory apart from ours, files shared with us
 * except what is mounted inside. All of it goes away with its first process, also when we are killed.
 */
export interface Host extends AsyncDisposable {
  readonly name: string
  /** Its first process, as we see it; `/proc/PID/ns` names its namespaces and `/proc/PID/root` its files. */
  readonly initPid: number
  /** Runs a short command inside to its end. */
  run(command: string, args: readonly string[], options?: InsideOptions): Promise<CommandResult>
  /** @throws Error unless it ended with status 0, quoting what it printed */
  mustRun(command: string, args: readonly string[], options?: InsideOptions): Promise<string>
  /** As `startChild`, inside: pid and signals are those of the program itself, seen from here. */
  spawn(options: ChildOptions): Promise<Child>
  /** Everything that runs inside, the first process left out. */
  processes(): readonly NamespaceProcess[]
}

export interface InsideOptions {
  readonly owner?: Owner | undefined
  readonly timeoutMs?: number
}

/**
 * Starts a host without any network but its loopback.
 * @param directory existing, for its log
 */
export async function startHost(options: {
  readonly name: string
  readonly directory: string
  readonly programs: HaPrograms
}): Promise<Host> {
  const { name, directory, programs } = options
  // Shared memory of its own, since servers that are killed leave theirs; orphans are reaped by a parent that ignores them.
  const boot = `hostname ${name} && mount -t tmpfs -o mode=1777 shm /dev/shm && ip link set lo up && exec env --ignore-signal=CHLD sleep infinity`
  const outer = await startChild({
    name: `the host ${name}`,
    command: programs.unshare,
    args: [
      ...['--net', '--pid', '--mount', '--uts', '--ipc', '--fork', '--kill-child', '--mount-proc'],
      ...['/bin/sh', '-c', boot],
    ],
    logFile: join(directory, 'host.log'),
  })
  const initPid = await outer.waitFor('its first process runs', () => childrenOf(outer.pid)[0])
  const pidNamespace = readlinkSync(`/proc/${initPid}/ns/pid`)
  const inside = (owner: Owner | undefined): readonly string[] => [
    ...['--target', String(initPid), '--net', '--mount', '--pid', '--uts', '--ipc'],
    ...(owner === undefined ? [] : ['--setuid', String(owner.uid), '--setgid', String(owner.gid)]),
    '--',
  ]
  const host: Host = {
    name,
    initPid,
    run: (command, args, { owner, ...rest } = {}) =>
      runCommand(programs.nsenter, [...inside(owner), command, ...args], rest),
    async mustRun(command, args, given) {
      const result = await host.run(command, args, given)
      if (result.status === 0) return result.stdout
      throw new Error(
        `on ${name}: ${command} ${args.join(' ')}: status ${result.status ?? '?'}: ${result.stderr || result.stdout}`,
      )
    },
    spawn({ owner, ...child }) {
      const args = [...inside(owner), child.command, ...child.args]
      return startInner({ ...child, command: programs.nsenter, args })
    },
    processes: () => processesOf(pidNamespace).filter((process) => process.pid !== initPid),
    async [Symbol.asyncDispose]() {
      await outer.stop('SIGKILL')
      await waitFor(`the end of ${name}`, () => processesOf(pidNamespace).length === 0, {
        explain: () =>
          processesOf(pidNamespace)
            .map((process) => `${process.pid} ${process.command.join(' ')}`)
            .join('\n'),
      })
    },
  }
  // The last thing that the boot does is to become `sleep`.
  await outer.waitFor(
    'it has booted',
    async () => (await host.run('cat', ['/proc/1/comm'])).stdout === 'sleep\n',
  )
  return host
}
