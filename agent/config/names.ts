import { text } from '../../common/config/kinds.ts'

/** Kinds that several parts of the agent's configuration share. */

export const clusterName = text({
  pattern: /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/,
  allowed: 'a cluster name of 1 to 63 letters, digits and dashes, such as pg-main',
  placeholder: '<name>',
})

export const address = text({
  pattern: /^[0-9A-Fa-f.:]{2,45}$/,
  allowed: 'an IP address, such as 10.10.10.11',
  placeholder: '<address>',
})

export const databasePattern = text({
  pattern: /^[^,]+$/,
  allowed: 'a database name, in which * stands for any text, also for a comma',
  placeholder: '<name>',
})

const expression = text({
  pattern: /^.+$/,
  allowed: 'a regular expression that the whole metric name must match',
  placeholder: '<regexp>',
})

export const metricPattern: typeof expression = {
  ...expression,
  schema: expression.schema.refine(isExpression),
}

/** Names that begin with two underscores are Prometheus' own. */
export const labelPattern = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/

function isExpression(pattern: string): boolean {
  try {
    return new RegExp(pattern).source !== ''
  } catch {
    return false
  }
}
