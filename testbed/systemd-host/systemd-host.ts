import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../find-program.ts'
import { createOwnDirectory } from '../own-directory.ts'
import { childrenOf } from '../process-table.ts'
import { startChild } from '../process.ts'
import { runCommand } from '../run-command.ts'
import type { CommandResult } from '../run-command.ts'
import type { Owner } from '../unprivileged.ts'
import { waitFor } from '../wait.ts'
import { prepareRoot } from './prepare-root.ts'
import { requireSystemdHost } from './prerequisites.ts'

/**
 * A host with a systemd as its first process: the programs of this machine in a copy of its root, and processes, mounts,
 * control groups, host name and loopback of its own. Nothing of it is left when it is disposed, or when we are killed.
 */
export interface SystemdHost extends AsyncDisposable {
  readonly name: string
  /**
   * Where one of its files is for us, also while it is off; not for what is in its memory (/run, /tmp, /dev, /proc), and not through a
   * link that begins with `/`.
   */
  path(file: string): string
  /** Makes a directory or file of this machine one of the host's, read-only, from its next start on. */
  share(ours: string, theirs: string): Promise<void>
  /** Resolves when systemd has done what it does at boot; @returns milliseconds that took */
  powerOn(): Promise<number>
  /** Every process ends at once; files are kept. */
  powerCut(): Promise<void>
  /** Runs a short command inside to its end. */
  run(command: string, args: readonly string[], options?: InsideOptions): Promise<CommandResult>
  /** @throws Error unless it ended with status 0, quoting what it printed */
  mustRun(command: string, args: readonly string[], options?: InsideOptions): Promise<string>
}

export interface InsideOptions {
  readonly owner?: Owner | undefined
  readonly timeoutMs?: number
}

const sources = fileURLToPath(new URL('.', import.meta.url))
const nsenter = (): string => findProgram('nsenter') ?? 'nsenter'

/**
 * Makes a host that is off.
 * @throws Error when this machine cannot have one, with the reasons
 */
export async function createSystemdHost(): Promise<SystemdHost> {
  requireSystemdHost()
  await using stack = new AsyncDisposableStack()
  const directory = stack.use(createOwnDirectory({ prefix: 'pgherd-systemd-' })).path
  const name = basename(directory).toLowerCase()
  const power = join(directory, 'power')
  mkdirSync(join(directory, 'files'))
  copyFileSync(join(sources, 'boot.sh'), join(directory, 'boot.sh'))
  const machine = await startChild({
    name: `the host ${name}`,
    command: findProgram('unshare') ?? 'unshare',
    args: ['--mount', '--net', 'sh', join(sources, 'machine.sh'), name, directory],
    logFile: join(directory, 'log'),
    // It removes its control groups.
    quickSignal: 'SIGTERM',
  })
  stack.use(machine)
  await machine.waitFor('its root is there', () => existsSync(join(directory, 'prepared')))
  const path = (file: string): string => join(`/proc/${machine.pid}/root`, directory, 'files/root', file)
  prepareRoot(path('/'), name)

  let init: number | undefined
  /** sh, unshare, systemd. */
  const findInit = (): number | undefined => {
    const [unshare] = childrenOf(machine.pid).filter((pid) => commandOf(pid) === 'unshare')
    const [first] = unshare === undefined ? [] : childrenOf(unshare)
    return first !== undefined && commandOf(first) === 'systemd' ? first : undefined
  }
  const run: SystemdHost['run'] = (command, args, { owner, ...rest } = {}) => {
    if (init === undefined) throw new Error(`${name} is off`)
    const user = owner === undefined ? [] : ['--setuid', String(owner.uid), '--setgid', String(owner.gid)]
    const namespaces = ['--mount', '--pid', '--uts', '--ipc', '--cgroup', '--net']
    return runCommand(
      nsenter(),
      ['--target', String(init), ...namespaces, ...user, '--', command, ...args],
      rest,
    )
  }
  const kept = stack.move()
  return {
    name,
    path,
    run,
    async mustRun(command, args, options) {
      return mustSucceed(`${command} ${args.join(' ')}`, await run(command, args, options))
    },
    async share(ours, theirs) {
      const inside = join(directory, 'files/root', theirs)
      const mount = async (...args: string[]): Promise<void> => {
        const result = await runCommand(nsenter(), [
          '--target',
          String(machine.pid),
          '--mount',
          'mount',
          ...args,
        ])
        mustSucceed(`mount ${args.join(' ')}`, result)
      }
      await mount('--bind', ours, inside)
      await mount('-o', 'remount,bind,ro', inside)
    },
    async powerOn() {
      const begin = performance.now()
      writeFileSync(power, '')
      init = await machine.waitFor('systemd runs', findInit)
      await machine.waitFor(
        'it has booted',
        async () => {
          const { stdout } = await run('systemctl', ['is-system-running'])
          return ['running', 'degraded'].includes(stdout.trim())
        },
        60_000,
      )
      return performance.now() - begin
    },
    async powerCut() {
      if (init === undefined) return
      process.kill(init, 'SIGKILL')
      init = undefined
      // The machine takes it away when nothing runs any more.
      await waitFor(`the end of ${name}`, () => !existsSync(power), { explain: () => machine.logTail() })
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return undefined
  }
}

function mustSucceed(what: string, { status, stdout, stderr, startError }: CommandResult): string {
  if (status === 0) return stdout
  throw new Error(`${what}: ${startError ?? `status ${status ?? '?'}`}: ${stderr || stdout}`)
}
