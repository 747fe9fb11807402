/** What a board is about: the whole fleet, one cluster, or one node of it. */
export interface Scope {
  readonly cluster: string | null
  readonly node: string | null
}

/** Values of the `$name` variables in a panel's expressions. */
export type Variables = Readonly<Record<string, string>>

/** Beyond this many nodes a chart with a line for each is a tangle; the fleet is then drawn by cluster. */
const mostNodesDrawnSingly = 8

/**
 * The variables of a scope: `cls` and `ins` for `=~` matchers, and `by`, the label that tells apart the lines
 * of a chart.
 */
export function scopeVariables(scope: Scope, nodesInFleet: number): Variables {
  return {
    cls: scope.cluster === null ? '.+' : exactPattern(scope.cluster),
    ins: scope.node === null ? '.+' : exactPattern(scope.node),
    by: scope.cluster === null && nodesInFleet > mostNodesDrawnSingly ? 'cls' : 'ins',
  }
}

/** A pattern that matches `text` and nothing else, ready to stand between the quotes of a PromQL string. */
export function exactPattern(text: string): string {
  return text
    .replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
    .replace(/\\/g, '\\\\')
    .replace(/"/g, '\\"')
    .replace(/\n/g, '\\n')
}

/** Replaces `$name` and `${name}`; a variable that nobody set is a defect of the panel and throws. */
export function expand(expr: string, variables: Variables): string {
  return expr.replace(
    /\$(?:(\w+)|\{(\w+)\})/g,
    (_, plain: string | undefined, braced: string | undefined) => {
      const name = plain ?? braced ?? ''
      const value = variables[name]
      if (value === undefined) throw new Error(`The expression uses the unknown variable $${name}`)
      return value
    },
  )
}

/** Fills a legend such as `{{ins}} {{mode}}`; labels that are absent leave nothing behind. */
export function legendOf(template: string, labels: Readonly<Record<string, string>>): string {
  return template
    .replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => labels[name] ?? '')
    .replace(/\s+/g, ' ')
    .trim()
}
