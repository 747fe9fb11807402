import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unpack } from './archive.ts'

const fixtures = fileURLToPath(new URL('../test/fixtures/releases/', import.meta.url))
/** Below node_modules, where a release's agent finds the packages that are not in its one file. */
const cache = fileURLToPath(new URL('../node_modules/.cache/pgherd-releases/', import.meta.url))

/** The agent of an earlier release, as a file to start it by. */
export function agentOfRelease(version: string): string {
  const folder = join(cache, version)
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true })
    const unfinished = mkdtempSync(join(cache, 'unfinished-'))
    unpack(join(fixtures, version, 'agent.br'), unfinished)
    try {
      renameSync(unfinished, folder)
    } catch {
      // Another test was faster.
      rmSync(unfinished, { recursive: true })
    }
  }
  return join(folder, 'agent/dist/agent.mjs')
}

/** Writes a collector's directory as an earlier release has left it. */
export function stateOfRelease(version: string, directory: string): void {
  mkdirSync(dirname(directory), { recursive: true })
  const unpacked = `${directory}.unpacked`
  unpack(join(fixtures, version, 'state.br'), unpacked)
  renameSync(join(unpacked, 'state'), directory)
  rmSync(unpacked, { recursive: true })
}
