import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from '../command.mjs'
import { withProgress } from '../progress.mjs'
import { refuse, repository } from '../repository.mjs'
import { buildDeb, debArchitecture, debVersion } from './deb.ts'
import { layOut, version as ownVersion } from './lay-out.ts'
import type { Layout } from './lay-out.ts'
import { buildTarball } from './tarball.ts'

const help = `Usage: npm run package -- [options]

Writes the packages pgherd-agent and pgherd-collector (with agentctl): .deb files, and archives with an install script.
Each has a Node of its own and nothing to be downloaded. .deb files need dpkg-deb.

  --output DIRECTORY  where they go (dist)
  --version VERSION   the release they say they are (${ownVersion})
  --only deb|tarball  one kind
  --level 1..9        of xz: 1 is fast, 9 is small (6)
  --maintainer TEXT   who answers for them (DEBFULLNAME <DEBEMAIL>)
  --help`

const { values } = readArguments()
if (values.help) {
  console.log(help)
} else {
  const output = resolve(repository, values.output)
  mkdirSync(output, { recursive: true })
  const temporary = mkdtempSync(join(tmpdir(), 'pgherd-package-'))
  process.once('exit', () => rmSync(temporary, { recursive: true, force: true }))
  const written = await buildAll(output, temporary)
  for (const file of written) console.log(`${(statSync(file).size / 1e6).toFixed(1).padStart(6)} MB  ${file}`)
}

async function buildAll(output: string, temporary: string): Promise<readonly string[]> {
  const { version, only } = values
  const level = Number(values.level)
  if (!/^[1-9]$/.test(values.level)) refuse(`--level takes 1 to 9, not ${values.level}`)
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) refuse(`--version takes one such as 0.2.0, not ${version}`)
  if (only !== undefined && only !== 'deb' && only !== 'tarball')
    refuse(`--only takes deb or tarball, not ${only}`)
  const hasDpkg = (await run('dpkg-deb', ['--version'])).ok
  if (!hasDpkg && only === 'deb') refuse('dpkg-deb is not installed, and makes .deb files (package dpkg)')
  if (!hasDpkg) console.log('dpkg-deb is not installed, so there are no .deb files (package dpkg)')
  const epoch = await sourceDate()
  const options = { maintainer: values.maintainer, epoch, level }
  const written: string[] = []
  for (const name of ['agent', 'collector'] as const) {
    const layout: Layout = { name, version, root: join(temporary, name) }
    const stripped = await withProgress(`laying out pgherd-${name} ${version}`, () => layOut(layout))
    if (!stripped) console.log('strip is not installed, so the runtime keeps its symbols (package binutils)')
    if (only !== 'tarball' && hasDpkg) {
      const file = join(output, `pgherd-${name}_${debVersion(version)}_${debArchitecture}.deb`)
      await withProgress(`packing ${basename(file)}`, () => buildDeb(layout, file, options))
      written.push(file)
    }
    if (only !== 'deb') {
      for (const extra of ['DEBIAN', 'usr/share/lintian'])
        rmSync(join(layout.root, extra), { recursive: true, force: true })
      const file = join(output, `pgherd-${name}-${version}-linux-${process.arch}.tar.gz`)
      await withProgress(`packing ${basename(file)}`, () => buildTarball(layout, file, epoch))
      written.push(file)
    }
    rmSync(layout.root, { recursive: true, force: true })
  }
  return written
}

/** SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/), or else when the last commit was made. */
async function sourceDate(): Promise<number> {
  const told = process.env['SOURCE_DATE_EPOCH']
  if (told !== undefined && /^\d+$/.test(told)) return Number(told)
  const { ok, output } = await run('git', ['-C', repository, 'log', '-1', '--format=%ct'])
  return ok && /^\d+$/.test(output)
    ? Number(output)
    : Math.floor(statSync(join(repository, 'CHANGELOG.md')).mtimeMs / 1000)
}

function readArguments() {
  const { DEBFULLNAME: person = 'pgherd', DEBEMAIL: address = 'packages@pgherd.invalid' } = process.env
  try {
    return parseArgs({
      options: {
        output: { type: 'string', default: 'dist' },
        version: { type: 'string', default: ownVersion },
        only: { type: 'string' },
        level: { type: 'string', default: '6' },
        maintainer: { type: 'string', default: `${person} <${address}>` },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    return refuse(`${error instanceof Error ? error.message : String(error)}\n${help}`)
  }
}
