import { chmodSync, copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from '../command.mjs'
import { repository } from '../repository.mjs'

/** The Node that package-lock.json names, for this machine's processor. */
export const runtime = join(repository, 'node_modules/node/bin/node')

/**
 * Puts the runtime of a package where it belongs, without the symbols that only a debugger reads: a seventh of it.
 * @returns false where `strip` is not installed, and they are still there
 * @throws Error when what has become of it does not run
 */
export async function placeRuntime(file: string): Promise<boolean> {
  mkdirSync(dirname(file), { recursive: true })
  copyFileSync(runtime, file)
  chmodSync(file, 0o755)
  const { ok } = await run('strip', ['--strip-all', file])
  const answer = await run(file, ['--version'])
  if (!answer.ok || answer.output !== process.version) {
    throw new Error(`${file} does not run as ${process.version}: ${answer.output}`)
  }
  return ok
}
