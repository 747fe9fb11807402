import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { loadConfig } from '../../common/config/load-config.ts'
import { PgherdError, messageOf } from '../../common/errors.ts'
import type { AgentConfig } from '../config.ts'
import { agentProgram } from '../config.ts'

/** A configuration that is there already. What it says holds where nothing else was asked for. */
export interface ExistingConfig {
  readonly text: string
  readonly node: string
  /** Undefined where it leaves that to the default. */
  readonly collectorUrl: string | undefined
  readonly stateDirectory: string | undefined
  /** With which it measures the first server. */
  readonly role: string | undefined
}

/** The configuration in a text. @throws PgherdError CONFIG_INVALID, a line for each mistake */
export function configIn(path: string, text: string): AgentConfig {
  const { config, problems } = loadConfig(agentProgram.table, {
    file: { name: path, text },
    environment: {},
    environmentPrefix: agentProgram.environmentPrefix,
    flags: new Map(),
  })
  const all = [...problems, ...(config === undefined ? [] : (agentProgram.check?.(config) ?? []))]
  if (config === undefined || all.length > 0) throw new PgherdError('CONFIG_INVALID', all.join('\n'))
  return config
}

/** @throws PgherdError CONFIG_INVALID for one that has mistakes: nothing is decided on top of it */
export function readExistingConfig(path: string): ExistingConfig | undefined {
  if (!existsSync(path)) return undefined
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new PgherdError('CONFIG_INVALID', `${path}: cannot be read: ${messageOf(error)}`)
  }
  if (text.replaceAll(/^\s*(#.*)?$/gm, '').trim() === '') return undefined
  const config = configIn(path, text)
  const url = config.servers[0]?.url ?? config['postgres.url']
  const spool = config['spool.directory']
  return {
    text,
    node: `${config['identity.cluster']}-${config['identity.seq']}`,
    collectorUrl: /^collector:/m.test(text) ? config['collector.url'] : undefined,
    stateDirectory: basename(spool) === 'spool' ? dirname(spool) : undefined,
    role: URL.canParse(url) ? decodeURIComponent(new URL(url).username) || undefined : undefined,
  }
}
