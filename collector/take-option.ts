import { PgherdError } from '../common/errors.ts'

/**
 * `--name value` or `--name=value` out of the arguments of a command that otherwise takes the collector's own options.
 * @throws PgherdError USAGE for one without a value
 */
export function takeOption(
  given: readonly string[],
  name: string,
): { readonly value: string | undefined; readonly argv: readonly string[] } {
  let value: string | undefined
  const argv: string[] = []
  for (let i = 0; i < given.length; i++) {
    const argument = given[i]!
    if (argument === name) {
      value = given[++i]
      if (value === undefined) throw new PgherdError('USAGE', `${name} needs a value`)
    } else if (argument.startsWith(`${name}=`)) value = argument.slice(name.length + 1)
    else argv.push(argument)
  }
  return { value, argv }
}
