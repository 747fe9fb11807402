import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { bundleOf } from '../common/bundle.mjs'
import { bundleCode } from './bundle-code.mjs'
import { repository } from './repository.mjs'

/**
 * A module that reads files beside itself finds them where they were: import.meta.url still names the source. A thread that it
 * starts has a file beside the bundle.
 * @param {string} folder of the bundle
 * @param {readonly { entry: string, file: string }[]} files
 * @returns {import('vite').Plugin}
 */
function sourcesKeepTheirPlace(folder, files) {
  return {
    name: 'import-meta-url',
    enforce: 'pre',
    transform(code, id) {
      if (!id.startsWith(repository) || id.includes('/node_modules/')) return undefined
      if (!code.includes('import.meta.url')) return undefined
      const place = `new URL(${JSON.stringify(relative(folder, id))}, import.meta.url).href`
      return code.replace(/new URL\('([^']+)', import\.meta\.url\)|import\.meta\.url/g, (found, target) => {
        const thread = files.find(({ entry }) => entry === join(dirname(id), target ?? ''))
        return thread === undefined
          ? found.replace('import.meta.url', place)
          : `new URL('./${basename(thread.file)}', import.meta.url)`
      })
    },
  }
}

/**
 * Writes a program as one file of plain JavaScript, and its threads, unless they are fresh.
 * @param {'agent' | 'collector'} program
 */
export async function writeBundle(program) {
  const { bundleFiles, bundleIsFresh } = bundleOf(program)
  if (bundleIsFresh() && !process.argv.includes('--force')) return
  for (const { entry, file } of bundleFiles()) await buildFile(program, entry, file)
}

/**
 * @param {'agent' | 'collector'} program
 * @param {string} entry
 * @param {string} file
 */
async function buildFile(program, entry, file) {
  const { bundleEnd, bundleFile, bundleFiles } = bundleOf(program)
  mkdirSync(dirname(file), { recursive: true })
  // What changes while the bundle is made is newer than it.
  const startedAt = new Date()
  const [{ code }] = await bundleCode({
    entry,
    plugins: [sourcesKeepTheirPlace(dirname(file), bundleFiles())],
    mangle: program === 'agent',
  })
  const temporary = join(dirname(file), `${process.pid}.mjs`)
  try {
    // Flushed: after a power cut the name must not lead to less.
    writeFileSync(temporary, code + bundleEnd, { flush: true })
    // What could not be found while packages were being installed would be missed at the start of the program.
    const check = file === bundleFile() ? [temporary, '--version'] : ['--check', temporary]
    execFileSync(process.execPath, check, { stdio: ['ignore', 'ignore', 'inherit'] })
    utimesSync(temporary, startedAt, startedAt)
    renameSync(temporary, file)
  } finally {
    rmSync(temporary, { force: true })
  }
}
