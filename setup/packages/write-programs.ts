import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Plugin } from 'vite'
import { bundleCode } from '../bundle-code.mjs'
import { repository } from '../repository.mjs'
import { contents, installedPlace } from './contents.ts'
import type { PackageName } from './contents.ts'

const mentions = /new URL\('([^']+)', import\.meta\.url\)|import\.meta\.url/g

/**
 * The files that a source reads beside itself, from where the package has them.
 * @param path of the source, from the top of the repository
 * @throws Error where the package does not have one
 */
export function withInstalledPlaces(name: PackageName, path: string, code: string): string {
  return code.replace(mentions, (_found, target: string | undefined) => {
    if (target === undefined)
      throw new Error(`${path}: import.meta.url has to be in new URL('...', import.meta.url)`)
    const place = installedPlace(name, join(dirname(path), target))
    return `new URL(${JSON.stringify(`./${place}`)}, import.meta.url)`
  })
}

const filesAreInThePackage = (name: PackageName): Plugin => ({
  name: 'installed-places',
  enforce: 'pre',
  transform: (code, id) =>
    id.startsWith(repository) && !id.includes('/node_modules/') && code.includes('import.meta.url')
      ? withInstalledPlaces(name, relative(repository, id), code)
      : undefined,
})

/**
 * Writes the programs of a package, with all that they import, as plain JavaScript.
 * @param folder where the package has them
 * @returns the files of node_modules that are in them
 */
export async function writePrograms(name: PackageName, folder: string): Promise<readonly string[]> {
  const rare = new Map<string, string>()
  const modules = new Set<string>()
  const write = (file: string, code: string, from: readonly string[]): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), code)
    for (const id of from) if (id.includes('/node_modules/')) modules.add(id)
  }
  const plugins = [filesAreInThePackage(name)]
  for (const { entry, file, mangle } of contents[name].programs) {
    const placeOfRare = (id: string): string => {
      const place = id.replaceAll(/[^\w-]+/g, '-').replace(/^-/, '')
      rare.set(place, id)
      return `./rare/${place}.mjs`
    }
    const [bundle] = await bundleCode({ entry: join(repository, entry), plugins, mangle, placeOfRare })
    if (bundle === undefined) throw new Error(`${entry} gave no code`)
    write(file, bundle.code, bundle.modules)
  }
  if (rare.size === 0) return [...modules]
  // Together, as some have parts in common that are to be there once.
  const bundles = await bundleCode({
    entry: Object.fromEntries(rare),
    plugins,
    mangle: true,
    placeOfRare: () => undefined,
  })
  for (const { file, code, modules: from } of bundles) write(`rare/${file}`, code, from)
  return [...modules]
}
