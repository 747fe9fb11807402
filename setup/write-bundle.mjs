import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
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
      // Loaded only where traces are wanted, or when a certificate is made.
      if (/^(@opentelemetry\/|@peculiar\/x509$|reflect-metadata$)/.test(id)) return { id, external: true }
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
 * A module that reads files beside itself finds them where they were: import.meta.url still names the source.
 * @param {string} file the bundle
 * @returns {import('vite').Plugin}
 */
function sourcesKeepTheirPlace(file) {
  return {
    name: 'import-meta-url',
    enforce: 'pre',
    transform(code, id) {
      if (!id.startsWith(repository) || id.includes('/node_modules/')) return undefined
      if (!code.includes('import.meta.url')) return undefined
      const path = JSON.stringify(relative(dirname(file), id))
      return code.replaceAll('import.meta.url', `new URL(${path}, import.meta.url).href`)
    },
  }
}

/**
 * Writes a program as one file of plain JavaScript, unless the file is fresh.
 * @param {'agent' | 'collector'} program
 */
export async function writeBundle(program) {
  const { bundleFile, bundleIsFresh } = bundleOf(program)
  if (!bundleIsFresh() || process.argv.includes('--force')) await buildBundle(program, bundleFile())
}

/**
 * @param {'agent' | 'collector'} program
 * @param {string} file
 */
async function buildBundle(program, file) {
  const { build } = await import('vite')
  mkdirSync(dirname(file), { recursive: true })
  // What changes while the bundle is made is newer than it.
  const startedAt = new Date()
  const result = await build({
    configFile: false,
    root: repository,
    logLevel: 'error',
    plugins: [builtinsWithoutTheirGetters(), sourcesKeepTheirPlace(file)],
    ssr: { noExternal: true },
    build: {
      ssr: join(repository, program, 'main.ts'),
      target: 'node24',
      write: false,
      rolldownOptions: {
        output: {
          format: 'es',
          codeSplitting: false,
          // Function names stay, for stack traces.
          minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
        },
      },
    },
  })
  const { code } = [result].flat()[0].output[0]
  const temporary = join(dirname(file), `${process.pid}.mjs`)
  try {
    // Flushed: after a power cut the name must not lead to less.
    writeFileSync(temporary, ascii(code) + bundleOf(program).bundleEnd, { flush: true })
    // What could not be found while packages were being installed would be missed at the start of the program.
    execFileSync(process.execPath, [temporary, '--version'], { stdio: ['ignore', 'ignore', 'inherit'] })
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
