import { chmodSync, copyFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../run-command.ts'
import type { SystemdHost } from './systemd-host.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Puts units, users and programs where packages have them, before the host is started. Programs are those of this
 * repository and the Node that runs us, read-only and not copied; nothing is enabled.
 */
export async function installPgherd(host: SystemdHost): Promise<void> {
  const library = host.path('/usr/lib/pgherd')
  mkdirSync(join(library, 'repository'), { recursive: true })
  await host.share(repository, '/usr/lib/pgherd/repository')
  for (const program of ['agent', 'collector'] as const) {
    const built = await runCommand(process.execPath, [join(repository, `setup/${program}-bundle.mjs`)], {
      timeoutMs: 120_000,
    })
    if (built.status !== 0) throw new Error(`the ${program} cannot be built: ${built.stderr}`)
    mkdirSync(join(library, program, 'bin'), { recursive: true })
    writeFileSync(join(library, program, 'bin/node'), '')
    await host.share(process.execPath, `/usr/lib/pgherd/${program}/bin/node`)
    symlinkSync(`../repository/${program}/start.mjs`, join(library, program, 'start.mjs'))
    copyFileSync(join(repository, 'systemd/restart-backoff.sh'), join(library, program, 'restart-backoff'))
    chmodSync(join(library, program, 'restart-backoff'), 0o755)
  }
  for (const unit of ['pgherd-agent', 'pgherd-agent@', 'pgherd-collector']) {
    const target = host.path(`/usr/lib/systemd/system/${unit}.service`)
    copyFileSync(join(repository, `systemd/${unit}.service`), target)
  }
  for (const folder of ['sysusers.d', 'tmpfiles.d']) {
    cpSync(join(repository, 'systemd', folder), host.path(`/usr/lib/${folder}`), { recursive: true })
  }
}
