import { existsSync, globSync } from 'node:fs'
import { collectorOptions } from './config.ts'
import type { CollectorConfig } from './config.ts'

const namesFile = /_file$|^tls\.(?:certificate|key|ca)$/

/**
 * The files that a configuration names and that do not come with pgherd: rules, routing, secrets, certificates.
 * @param configFile the configuration itself, where it is a file
 * @returns those that are there, each once
 */
export function configurationFiles(
  config: CollectorConfig,
  configFile: string | undefined,
): readonly string[] {
  const found = configFile === undefined ? [] : [configFile]
  const packaged = new Set<string>(collectorOptions['rules.files'].fallback)
  for (const pattern of config['rules.files'])
    if (!packaged.has(pattern)) found.push(...globSync(pattern).sort())
  for (const [key, value] of Object.entries(config)) {
    if (Array.isArray(value)) found.push(...value.flatMap(filesOfRecord))
    else if (typeof value === 'string' && namesFile.test(key) && value !== fallbackOf(key)) found.push(value)
  }
  return [...new Set(found)].filter((file) => existsSync(file))
}

function filesOfRecord(record: unknown): readonly string[] {
  if (typeof record !== 'object' || record === null) return []
  return Object.entries(record).flatMap(([key, value]) =>
    key.endsWith('_file') && typeof value === 'string' ? [value] : [],
  )
}

function fallbackOf(key: string): unknown {
  const options: Readonly<Record<string, { readonly fallback?: unknown }>> = collectorOptions
  return options[key]?.fallback
}
