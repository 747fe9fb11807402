// Writes the collector as one file of plain JavaScript, and V8's code for it: node setup/collector-bundle.mjs. Does
// nothing when both are fresh.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundleIsFresh, compileCache } from '../collector/bundle.mjs'
import { repository } from './repository.mjs'
import { writeBundle } from './write-bundle.mjs'

if (!bundleIsFresh()) rmSync(compileCache, { recursive: true, force: true })
await writeBundle('collector')
if (!existsSync(compileCache)) fillCompileCache()

/** Node writes the cache when it ends; V8 takes it only with the flags that it was made with. */
function fillCompileCache() {
  const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))
  const flags = scripts.collector.split(' ').filter((word) => word.startsWith('--'))
  const start = join(repository, 'collector/start.mjs')
  const env = { ...process.env, NODE_COMPILE_CACHE: '', NODE_OPTIONS: '' }
  execFileSync(process.execPath, [...flags, start, '--version'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
