import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.mjs'
import { withProgress } from './progress.mjs'
import { refuse, repository } from './repository.mjs'

const source = join(repository, 'collector/web')
const built = join(source, 'dist')

/** Builds the collector's web page when it was never built or its sources have changed since. */
export async function buildWebPage() {
  if (!existsSync(join(source, 'index.html'))) return
  const inputs = [source, join(repository, 'common'), join(repository, 'package-lock.json')]
  if (existsSync(join(built, 'index.html'))) {
    const builtAt = statSync(join(built, 'index.html')).mtimeMs
    if (Math.max(...inputs.map(newest)) <= builtAt) return
  }
  const { ok, output } = await withProgress('building the web page', () =>
    run(join(repository, 'node_modules/.bin/node'), [
      join(repository, 'node_modules/vite/bin/vite.js'),
      'build',
      'collector/web',
      '--logLevel=warn',
    ]),
  )
  if (!ok) refuse(`the web page cannot be built:\n${output}`)
}

/** The time of the last change in a file or folder, without what the build itself writes. */
function newest(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  const inside = readdirSync(path).map((name) => join(path, name))
  return Math.max(stats.mtimeMs, ...inside.filter((one) => one !== built).map(newest))
}
