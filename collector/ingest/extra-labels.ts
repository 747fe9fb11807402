import { PgherdError } from '../../common/errors.ts'

/** Labels that every series of a request gets, whatever it has: name, value, name, value, ... */
export type ExtraLabels = readonly string[]

/**
 * The `extra_label=name=value` parameters of VictoriaMetrics, in order; of one name the last wins.
 * @returns undefined when there is none
 * @throws PgherdError BAD_REQUEST
 */
export function readExtraLabels(
  parameters: readonly string[],
  ofPath: readonly (readonly [string, string])[] = [],
): ExtraLabels | undefined {
  const labels = new Map<string, string>(ofPath)
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=')
    if (equals < 1) {
      throw new PgherdError(
        'BAD_REQUEST',
        `invalid parameter "extra_label": "${parameter.slice(0, 64)}" is not name=value`,
      )
    }
    labels.set(parameter.slice(0, equals), parameter.slice(equals + 1))
  }
  return labels.size === 0 ? undefined : [...labels].flat()
}

/** A label of the same name gives way. */
export function withExtraLabels(flat: readonly string[], extra: ExtraLabels): readonly string[] {
  const names = new Set(extra.filter((_, i) => i % 2 === 0))
  const labels: string[] = []
  for (let i = 0; i < flat.length; i += 2) if (!names.has(flat[i]!)) labels.push(flat[i]!, flat[i + 1]!)
  return [...labels, ...extra]
}
