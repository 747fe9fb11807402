import { metricTypes } from '../../../common/series/metric-type.ts'
import type { MetricMetadata, MetricType } from '../../../common/series/metric-type.ts'

/** What the comments said so far of the family that they are about. */
interface Family {
  readonly name: string
  type: MetricType
  help: string
  unit: string
}

const pattern = /^#[ \t]+(TYPE|HELP|UNIT)[ \t]+("(?:[^"\\]|\\.)*"|[^ \t]+)(?:[ \t]+(.*))?$/

/** `# TYPE`, `# HELP` and `# UNIT`, which stand in any order before the samples of a family. */
export interface ExpositionComments {
  /** Takes a line that begins with #; comments of other kinds are nothing. */
  read(line: string): void
  /** Call at each sample: tells what was said of its family, once. */
  settle(): void
}

export function createExpositionComments(
  onMetadata: (metric: string, metadata: MetricMetadata) => void,
): ExpositionComments {
  let family: Family | undefined
  const settle = (): void => {
    if (family === undefined) return
    onMetadata(family.name, { type: family.type, help: family.help, unit: family.unit })
    family = undefined
  }
  return {
    settle,
    read(line) {
      const [, kind, quoted = '', text = ''] = pattern.exec(line) ?? []
      if (kind === undefined) return
      const name = quoted.startsWith('"') ? unescape(quoted.slice(1, -1)) : quoted
      if (family?.name !== name) {
        settle()
        family = { name, type: 'unknown', help: '', unit: '' }
      }
      if (kind === 'HELP') family.help = unescape(text)
      else if (kind === 'UNIT') family.unit = text.trim()
      else family.type = typeOf(text.trim())
    },
  }
}

function typeOf(text: string): MetricType {
  return metricTypes.find((type) => type === text) ?? 'unknown'
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text
  return text.replaceAll(/\\([\\n"])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}
