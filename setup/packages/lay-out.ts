import { chmodSync, copyFileSync, cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { z } from 'zod'
import { repository } from '../repository.mjs'
import { commandsOf } from './commands.ts'
import { contents } from './contents.ts'
import type { PackageName } from './contents.ts'
import { writeAgentctlCompletion, writeManual } from './ask-programs.ts'
import { placeRuntime } from './runtime.ts'
import { thirdPartyLicenses } from './third-party.ts'
import { writePrograms } from './write-programs.ts'

/** The release of this checkout. */
export const version = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))).version

export interface Layout {
  readonly name: PackageName
  /** What the programs say they are. */
  readonly version: string
  /** The folder that stands for `/`. */
  readonly root: string
}

/**
 * Writes all files of a package as they are on a host, for a package, a tarball or a host in a folder.
 * @returns whether the runtime could be stripped
 */
export async function layOut({ name, version, root }: Layout): Promise<boolean> {
  const folder = join(root, 'usr/lib/pgherd', name)
  const stripped = await placeRuntime(join(folder, 'bin/node'))
  const modules = await writePrograms(name, folder)
  for (const { from, to, omit } of contents[name].data) {
    cpSync(join(repository, from), join(folder, to), {
      recursive: true,
      filter: (file) => omit?.test(file) !== true,
    })
  }
  // What else is in it is about the repository.
  const own = { name: `pgherd-${name}`, version, license: 'Apache-2.0', type: 'module' }
  write(join(folder, 'package.json'), `${JSON.stringify(own, undefined, 2)}\n`)
  copy('systemd/restart-backoff.sh', join(folder, 'restart-backoff'), 0o755)
  for (const [command, text] of commandsOf(name)) write(join(root, 'usr/bin', command), text, 0o755)
  for (const unit of contents[name].units) copy(`systemd/${unit}`, join(root, 'usr/lib/systemd/system', unit))
  for (const kind of ['sysusers.d', 'tmpfiles.d']) {
    copy(`systemd/${kind}/pgherd-${name}.conf`, join(root, 'usr/lib', kind, `pgherd-${name}.conf`))
  }
  for (const directory of ['etc/pgherd', 'var/lib/pgherd'])
    mkdirSync(join(root, directory), { recursive: true })
  writeDocuments(name, root, modules)
  writeManual(name, root)
  if (name === 'collector') writeAgentctlCompletion(root)
  settlePermissions(root)
  return stripped
}

function writeDocuments(name: PackageName, root: string, modules: readonly string[]): void {
  const folder = join(root, 'usr/share/doc', `pgherd-${name}`)
  for (const file of globSync('docs/**/*.md', { cwd: repository }))
    copy(file, join(folder, relative('docs', file)))
  copy(`systemd/examples/${name}.yaml`, join(folder, 'examples', `${name}.yaml`))
  copy(`systemd/deb/copyright`, join(folder, 'copyright'))
  write(join(folder, 'third-party-licenses.md'), thirdPartyLicenses(modules))
}

function copy(from: string, to: string, mode = 0o644): void {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(join(repository, from), to)
  chmodSync(to, mode)
}

function write(file: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  chmodSync(file, mode)
}

/** Independent of the umask and of what the files were in the repository. */
function settlePermissions(root: string): void {
  for (const entry of globSync('**/*', { cwd: root, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) chmodSync(path, 0o755)
    else chmodSync(path, isProgram(path) ? 0o755 : 0o644)
  }
}

const isProgram = (path: string): boolean => /\/(bin\/[^/]+|restart-backoff)$/.test(path)
