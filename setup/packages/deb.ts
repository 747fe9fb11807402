import { createHash } from 'node:crypto'
import { chmodSync, globSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { run } from '../command.mjs'
import { repository } from '../repository.mjs'
import { contents } from './contents.ts'
import type { Layout } from './lay-out.ts'
import { settleTimes } from './settle-times.ts'

export const debArchitecture = process.arch === 'x64' ? 'amd64' : process.arch

/** What the release of Node is linked with, what makes users and directories, `/bin/kill`. */
const depends = [
  'libc6 (>= 2.28)',
  'libgcc-s1 (>= 3.4)',
  'libstdc++6 (>= 5.2)',
  'init-system-helpers (>= 1.54~)',
  'procps',
  'systemd | systemd-standalone-sysusers',
  'systemd | systemd-standalone-tmpfiles',
]

export interface DebOptions {
  /** `Name <address>` of who answers for the package. */
  readonly maintainer: string
  /** Seconds since 1970 that every file is said to be of, so that the same sources give the same bytes. */
  readonly epoch: number
  /** Of xz, 1 to 9. */
  readonly level: number
}

/**
 * Makes a Debian package of a tree that layOut wrote; what dpkg needs is added to the tree.
 * @param file that it is to be
 * @throws Error with what dpkg-deb says
 */
export async function buildDeb(layout: Layout, file: string, options: DebOptions): Promise<void> {
  const { name, root } = layout
  writeDebianDocuments(layout, options)
  const control = join(root, 'DEBIAN')
  mkdirSync(control, { recursive: true })
  const files = filesOf(root)
  writeFileSync(join(control, 'control'), controlText(layout, options, files))
  writeFileSync(
    join(control, 'md5sums'),
    files.map((path) => `${md5(path)}  ${relative(root, path)}\n`).join(''),
  )
  for (const script of ['preinst', 'postinst', 'prerm', 'postrm']) {
    const text = readFileSync(join(repository, `systemd/deb/${script}.sh`), 'utf8')
    writeFileSync(join(control, script), text.replaceAll('@name@', name))
    chmodSync(join(control, script), 0o755)
  }
  settleTimes(root, options.epoch)
  const { ok, output } = await run('env', [
    `SOURCE_DATE_EPOCH=${options.epoch}`,
    ...['dpkg-deb', '--root-owner-group', '-Zxz', `-z${options.level}`, '--build', root, file],
  ])
  if (!ok) throw new Error(`dpkg-deb: ${output}`)
}

const md5 = (file: string): string => createHash('md5').update(readFileSync(file)).digest('hex')

function filesOf(root: string): readonly string[] {
  return globSync('{etc,usr,var}/**/*', { cwd: root })
    .map((path) => join(root, path))
    .filter((path) => lstatSync(path).isFile())
    .sort()
}

/** https://www.debian.org/doc/debian-policy/ch-controlfields.html; sizes are in KiB. */
function controlText(
  { name, version }: Layout,
  { maintainer }: DebOptions,
  files: readonly string[],
): string {
  const { summary, description, suggests } = contents[name]
  const kib = files.reduce((sum, file) => sum + Math.ceil(lstatSync(file).size / 1024), 0)
  return [
    `Package: pgherd-${name}`,
    `Version: ${debVersion(version)}`,
    `Architecture: ${debArchitecture}`,
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${kib}`,
    `Depends: ${depends.join(', ')}`,
    `Suggests: ${suggests.join(', ')}`,
    'Section: database',
    'Priority: optional',
    `Description: ${summary}`,
    ...description.map((line) => ` ${line}`),
    '',
  ].join('\n')
}

/** A `-` in our version (a candidate: 0.3.0-rc.1) comes before the release, as `~` does there. */
export const debVersion = (version: string): string => `${version.replace('-', '~')}-1`

function writeDebianDocuments({ name, version, root }: Layout, { maintainer, epoch }: DebOptions): void {
  const folder = join(root, 'usr/share/doc', `pgherd-${name}`)
  const entry = [
    `pgherd-${name} (${debVersion(version)}) stable; urgency=medium`,
    '',
    `  * Release ${version} of pgherd; what is new is told in changelog.gz.`,
    '',
    ` -- ${maintainer}  ${new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')}`,
    '',
  ].join('\n')
  writeFileSync(join(folder, 'changelog.Debian.gz'), gzipSync(entry, { level: 9 }))
  const changes = readFileSync(join(repository, 'CHANGELOG.md'))
  writeFileSync(join(folder, 'changelog.gz'), gzipSync(changes, { level: 9 }))
  const overrides = readFileSync(join(repository, 'systemd/deb/lintian-overrides'), 'utf8')
  const overrideFolder = join(root, 'usr/share/lintian/overrides')
  mkdirSync(overrideFolder, { recursive: true })
  writeFileSync(join(overrideFolder, `pgherd-${name}`), overrides.replaceAll('@name@', name))
}
