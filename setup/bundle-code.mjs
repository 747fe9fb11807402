import { builtinModules } from 'node:module'
import { repository } from './repository.mjs'

const builtins = new Set(builtinModules)

/** Loaded only where traces are wanted, when a certificate is made, or when somebody asks what a host is made of. */
const rare = /^(@opentelemetry\/|@peculiar\/x509$|reflect-metadata$|systeminformation$)/

/**
 * Node's own modules, asked for as CommonJS does. An import from an ES module reads every export, and among those
 * of node:http are getters that load a second HTTP client, 11 MB resident. node:module stays: the bundle's own head
 * needs it.
 * @param {(id: string) => string | undefined} placeOfRare
 * @returns {import('vite').Plugin}
 */
function builtinsWithoutTheirGetters(placeOfRare) {
  return {
    name: 'builtins',
    enforce: 'pre',
    resolveId(id, importer) {
      const name = id.replace(/^node:/, '')
      if (name === 'module') return { id: 'node:module', external: true }
      if (id.startsWith('node:') || builtins.has(name)) return `\0builtin:${name}`
      if (importer !== undefined && rare.test(id)) {
        const place = placeOfRare(id)
        if (place !== undefined) return { id: place, external: true }
      }
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
 * Bundles modules with all that they import.
 * @param {object} options
 * @param {string | Record<string, string>} options.entry a file, or files and packages by the name that their code is to have
 * @param {import('vite').Plugin[]} options.plugins
 * @param {boolean} options.mangle whether local names are shortened
 * @param {(id: string) => string | undefined} [options.placeOfRare] from where what is loaded rarely is imported; undefined for
 *   packages that are to be in the bundle as well
 * @returns {Promise<readonly { file: string, code: string, modules: readonly string[] }[]>} the entry, or each of them and what
 *   they share
 */
export async function bundleCode({ entry, plugins, mangle, placeOfRare = (id) => id }) {
  const { build } = await import('vite')
  const single = typeof entry === 'string'
  const result = await build({
    configFile: false,
    root: repository,
    logLevel: 'error',
    plugins: [builtinsWithoutTheirGetters(placeOfRare), ...plugins],
    ssr: { noExternal: true },
    build: {
      ssr: single ? entry : true,
      target: 'node24',
      write: false,
      rolldownOptions: {
        ...(single ? {} : { input: entry }),
        output: {
          format: 'es',
          ...(single ? { codeSplitting: false } : {}),
          entryFileNames: '[name].mjs',
          chunkFileNames: 'shared-[hash].mjs',
          minify: {
            compress: true,
            // Function names stay, for stack traces.
            mangle: mangle ? { toplevel: false, keepNames: true } : false,
            codegen: { removeWhitespace: true },
          },
        },
      },
    },
  })
  return [result].flat()[0].output.map(({ fileName, code, moduleIds }) => ({
    file: fileName,
    code: ascii(code),
    modules: moduleIds,
  }))
}

/** V8 keeps a source of ASCII in one byte per character and any other in two. */
function ascii(code) {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
