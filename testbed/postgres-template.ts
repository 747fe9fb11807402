import { createHash } from 'node:crypto'
import { accessSync, appendFileSync, constants, existsSync, mkdirSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyTree } from './copy-tree.ts'
import { createOwnDirectory } from './own-directory.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { runCommand } from './run-command.ts'
import { unprivilegedOwner } from './unprivileged.ts'

const cache = fileURLToPath(new URL('../.cache/postgres/templates', import.meta.url))

/** initdb runs without flushing: a template that a power cut ruins costs nothing. */
const initdbOptions = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-k', '-N'] as const

/** The file, beside postgresql.conf, that holds the settings of a test bed server. */
export const settingsFile = 'testbed.conf'

/**
 * Makes a new data directory. initdb costs a second, so it runs once per version and user and is copied from
 * then on. Consequence: servers made from one template share a system identifier.
 */
export async function createCluster(binaries: PostgresBinaries, dataDirectory: string): Promise<void> {
  const owner = unprivilegedOwner()
  const template = await findTemplate(binaries)
  if (template === undefined) await initdb(binaries, dataDirectory)
  else await copyTree(template, dataDirectory, { owner })
}

/** The cached template, made if need be; undefined when the cache is not ours to write. */
async function findTemplate(binaries: PostgresBinaries): Promise<string | undefined> {
  const user = unprivilegedOwner()?.uid ?? process.getuid?.() ?? 0
  const options = createHash('sha256').update(initdbOptions.join(' ')).digest('hex').slice(0, 8)
  const template = join(cache, `${binaries.version}-${user}-${options}`)
  if (existsSync(template)) return template
  try {
    mkdirSync(cache, { recursive: true })
    accessSync(cache, constants.W_OK)
  } catch {
    return undefined
  }
  const owner = unprivilegedOwner()
  using work = createOwnDirectory({ prefix: 'pgherd-initdb-' }, owner)
  await initdb(binaries, join(work.path, 'data'))
  using unfinished = createOwnDirectory({ prefix: 'unfinished-', parent: cache })
  await copyTree(join(work.path, 'data'), join(unfinished.path, 'data'), { owner })
  try {
    await rename(join(unfinished.path, 'data'), template)
  } catch (error) {
    // Another process was faster; its template is as good.
    if (!existsSync(template)) throw error
  }
  return template
}

async function initdb(binaries: PostgresBinaries, dataDirectory: string): Promise<void> {
  const owner = unprivilegedOwner()
  const result = await runCommand(binaries.initdb, [...initdbOptions, '-D', dataDirectory], {
    owner,
    timeoutMs: 120_000,
  })
  if (result.status !== 0) {
    throw new Error(`initdb failed: ${result.startError ?? (result.stderr.trim() || result.stdout.trim())}`)
  }
  appendFileSync(join(dataDirectory, 'postgresql.conf'), `include_if_exists '${settingsFile}'\n`)
}
