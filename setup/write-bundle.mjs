import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { bundleOf } from '../common/bundle.mjs'
import { repository } from './repository.mjs'

const builtins = new Set(builtinModules)

/**
 * Node's own modules, asked for as CommonJS does. An import from an ES module reads every export, and among those
 * of node:http are getters that load a second HTTP client, 11 MB resident. node:module stays: the bundle's own head
 * needs it.
 * @returns {import('vite').Plugin}
 */
function builtinsWithoutTheirGetters() {
  return {
    name: 'builtins',
    enforce: 'pre',
    resolveId(id) {
      const name = id.replace(/^node:/, '')
      if (name === 'module') return { id: 'node:module', external: true }
      if (id.startsWith('node:') || builtins.has(name)) return `\0builtin:${name}`
      // Loaded only where traces are wanted, when a certificate is made, or when somebody asks what a host is made of.
      if (/^(@opentelemetry\/|@peculiar\/x509$|reflect-metadata$|systeminformation$)/.test(id))
        return { id, external: true }
      // The optional native client of pg, which is never asked for.
      return id === 'pg-native' ? { id, external: true } : undefined
    },
    load(id) {
      if (!id.startsWith('\0builtin:')) return undefined
      return `module.exports = process.getBuiltinModule('node:${id.slice('\0builtin:'.length)}')`
    },
  }
}

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
  const { build } = await import('vite')
  mkdirSync(dirname(file), { recursive: true })
  // What changes while the bundle is made is newer than it.
  const startedAt = new Date()
  const result = await build({
    configFile: false,
    root: repository,
    logLevel: 'error',
    plugins: [builtinsWithoutTheirGetters(), sourcesKeepTheirPlace(dirname(file), bundleFiles())],
    ssr: { noExternal: true },
    build: {
      ssr: entry,
      target: 'node24',
      write: false,
      rolldownOptions: {
        output: {
          format: 'es',
          codeSplitting: false,
          minify: {
            compress: true,
            // Function names stay, for stack traces.
            mangle: program === 'agent' ? { toplevel: false, keepNames: true } : false,
            codegen: { removeWhitespace: true },
          },
        },
      },
    },
  })
  const { code } = [result].flat()[0].output[0]
  const temporary = join(dirname(file), `${process.pid}.mjs`)
  try {
    // Flushed: after a power cut the name must not lead to less.
    writeFileSync(temporary, ascii(code) + bundleEnd, { flush: true })
    // What could not be found while packages were being installed would be missed at the start of the program.
    const check = file === bundleFile() ? [temporary, '--version'] : ['--check', temporary]
    execFileSync(process.execPath, check, { stdio: ['ignore', 'ignore', 'inherit'] })
    utimesSync(temporary, startedAt, startedAt)
    renameSync(temporary, file)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** V8 keeps a source of ASCII in one byte per character and any other in two. */
function ascii(code) {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
