import { asAlterSystem } from './as-alter-system.ts'
import { asConf } from './as-conf.ts'
import { asAnsible, asPatroni } from './as-yaml.ts'

/** Ways in which whoever keeps a server's settings writes them down. */
export const settingsFormats = {
  conf: asConf,
  'alter-system': asAlterSystem,
  patroni: asPatroni,
  ansible: asAnsible,
} as const
