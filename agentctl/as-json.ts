import type { CliContext } from './context.ts'

/** With `--json` of a command the same as with -o json. */
export function asJson(context: CliContext, { json }: { readonly json: boolean }): CliContext {
  return json ? { ...context, format: () => 'json' } : context
}
