import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../../../../testbed/find-program.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { startChild } from '../../../../testbed/process.ts'
import type { Child } from '../../../../testbed/process.ts'
import { runCommand } from '../../../../testbed/run-command.ts'

export const vip = '10.77.9.100'

/** A real keepalived in a network namespace with a /tmp of its own, and the source measured in there. */
export interface NamespacedKeepalived extends AsyncDisposable {
  readonly child: Child
  readonly pidFile: string
  readonly directory: string
  addresses(): Promise<string>
  measure(options?: { user?: number; pidFile?: string }): Promise<{
    up: boolean
    samples: ReadonlyMap<string, number>
    heard: readonly string[]
  }>
}

const measureOnce = fileURLToPath(new URL('measure-once.ts', import.meta.url))

/** What keeps us from making namespaces and running keepalived in them; undefined when nothing does. */
export const obstacle: string | undefined =
  process.getuid?.() !== 0
    ? 'only root can make a network namespace'
    : ['ip', 'unshare', 'keepalived'].find((name) => findProgram(name) === undefined)

async function must(command: string, ...args: readonly string[]): Promise<string> {
  const result = await runCommand(findProgram(command)!, args)
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`)
  return result.stdout
}

export async function startKeepalived(): Promise<NamespacedKeepalived> {
  const namespace = `pgherd-ka-${process.pid}`
  // Not below /tmp, which is another one for keepalived.
  const directory = createOwnDirectory({ prefix: 'pgherd-keepalived-', parent: '/var/tmp' })
  const pidFile = join(directory.path, 'keepalived.pid')
  writeFileSync(
    join(directory.path, 'keepalived.conf'),
    `global_defs {
  router_id pgherd
}
vrrp_instance VI_1 {
  version 3
  state BACKUP
  interface veth0
  virtual_router_id 51
  priority 100
  advert_int 0.1
  unicast_src_ip 10.77.9.1
  unicast_peer {
    10.77.9.2
  }
  virtual_ipaddress {
    ${vip}/24
  }
}
`,
  )
  await must('ip', 'netns', 'add', namespace)
  try {
    // A veth pair, because kernels may come without dummy devices.
    await must('ip', '-n', namespace, 'link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'veth1')
    for (const device of ['lo', 'veth0', 'veth1'])
      await must('ip', '-n', namespace, 'link', 'set', device, 'up')
    await must('ip', '-n', namespace, 'addr', 'add', '10.77.9.1/24', 'dev', 'veth0')
    const keepalived = [
      findProgram('keepalived')!,
      ...['--dont-fork', '--log-console', '--vrrp', `--use-file=${join(directory.path, 'keepalived.conf')}`],
      ...[`--pid=${pidFile}`, `--vrrp_pid=${join(directory.path, 'vrrp.pid')}`],
    ].join(' ')
    const child = await startChild({
      name: 'keepalived',
      command: findProgram('ip')!,
      args: ['netns', 'exec', namespace, 'sh', '-c', `mount -t tmpfs tmpfs /tmp && exec ${keepalived}`],
      logFile: join(directory.path, 'log'),
      quickSignal: 'SIGTERM',
    })
    return {
      child,
      pidFile,
      directory: directory.path,
      addresses: () => must('ip', '-n', namespace, 'addr', 'show', 'veth0'),
      async measure(options = {}) {
        const { user = 0 } = options
        const output = await must(
          'ip',
          ...['netns', 'exec', namespace, 'setpriv', `--reuid=${user}`, '--clear-groups'],
          ...[process.execPath, measureOnce, options.pidFile ?? pidFile, '10.77.9.200'],
        )
        const { up, samples, heard } = JSON.parse(output) as {
          up: boolean
          samples: [string, number][]
          heard: string[]
        }
        return { up, samples: new Map(samples), heard }
      },
      async [Symbol.asyncDispose]() {
        await child.stop()
        await must('ip', 'netns', 'delete', namespace)
        directory[Symbol.dispose]()
      },
    }
  } catch (error) {
    await runCommand(findProgram('ip')!, ['netns', 'delete', namespace])
    directory[Symbol.dispose]()
    throw error
  }
}
