import {
  chmodSync,
  globSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { run } from '../command.mjs'
import { repository } from '../repository.mjs'
import type { Layout } from './lay-out.ts'
import { settleTimes } from './settle-times.ts'

/**
 * Makes an archive of a tree that layOut wrote, with the script that installs it where there is no dpkg. The tree is used up.
 * @param file that it is to be, .tar.gz
 * @throws Error with what tar says
 */
export async function buildTarball(layout: Layout, file: string, epoch: number): Promise<void> {
  const { name, version, root } = layout
  const folder = `pgherd-${name}-${version}`
  const top = `${root}.tarball`
  mkdirSync(join(top, folder), { recursive: true })
  try {
    renameSync(root, join(top, folder, 'files'))
    const files = join(top, folder, 'files')
    const script = readFileSync(join(repository, 'systemd/install.sh'), 'utf8').replaceAll('@name@', name)
    for (const place of [join(top, folder), join(files, `usr/lib/pgherd/${name}`)]) {
      writeFileSync(join(place, 'install.sh'), script)
      chmodSync(join(place, 'install.sh'), 0o755)
    }
    const list = join(files, `usr/lib/pgherd/${name}/files.list`)
    writeFileSync(list, '')
    const paths = globSync('usr/**/*', { cwd: files }).filter((path) => lstatSync(join(files, path)).isFile())
    writeFileSync(list, paths.sort().join('\n') + '\n')
    settleTimes(top, epoch)
    const owner = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner']
    const { ok, output } = await run('env', ['GZIP=-n', 'tar', ...owner, '-C', top, '-czf', file, folder])
    if (!ok) throw new Error(`tar: ${output}`)
  } finally {
    rmSync(top, { recursive: true, force: true })
  }
}
